import { type Expr, literalValue, type Rel } from '../../ir/index.js';
import type { Node } from '../../kql/index.js';
import type { Column } from '../../tables/index.js';
import { type Context, unsupported } from '../context.js';
import {
  argumentsOf,
  columnArgument,
  constantArgument,
  Dimensions,
  isColumn,
  lowerText,
  type Tabular,
} from './written.js';

/** Bins of a timeline: of a size, counted from the start of the analysis, or calendar periods. */
interface Bins {
  /** KQL for the bin of a value. */
  of(value: string): string;
  /** KQL for a bin so many later. */
  later(bin: string, by: string): string;
  /** KQL for the rows `b`: every bin from the start to the end. */
  readonly all: string;
}

const sized: Bins = {
  of: (value) => `bin_at(${value}, span, start)`,
  later: (bin, by) => `${bin} + ${by} * span`,
  all: 'range b from start to end step span',
};

const calendar = (period: string): Bins => ({
  of: (value) => `startof${period}(${value})`,
  later: (bin, by) => `startof${period}(${bin}, toint(${by}))`,
  all: `range i from 0 to datetime_diff('${period}', end, start) step 1 | project b = startof${period}(start, toint(i))`,
});

/** The arguments that all analyses of a timeline begin with, and their rows. */
export interface Timeline {
  readonly input: Rel;
  readonly id: Column;
  readonly at: Column;
  /** Constants between the columns and the dimensions, the start and the end first. */
  readonly constants: readonly Expr[];
  readonly nodes: readonly Node[];
  /** What stands behind the constants. */
  readonly rest: readonly Node[];
  readonly cx: Context;
  readonly call: Node;
  readonly operator: Node;
}

/** `plugin(id, timeline, start, end, …constants…, dimensions)` */
export function timelineOf(call: Node, input: Rel, cx: Context, operator: Node, constants: number): Timeline {
  const [id, at, ...others] = argumentsOf(call);
  const first = others.findIndex((o) => isColumn(o, input));
  const given = first < 0 ? others.length : first;
  if (given < constants)
    return unsupported(call, 'an analysis without a start and an end is not supported', 'name both, as constants');
  const nodes = others.slice(0, constants);
  return {
    input,
    id: columnArgument(id!, input, cx),
    at: columnArgument(at!, input, cx),
    constants: nodes.map((n) => constantArgument(n, cx)),
    nodes,
    rest: others.slice(constants),
    cx,
    call,
    operator,
  };
}

export const dimensionsOf = (t: Timeline, nodes: readonly Node[] = t.rest): Dimensions =>
  new Dimensions(
    nodes.map((n) => columnArgument(n, t.input, t.cx)),
    t.cx,
  );

/** The bins that an argument means, and what the text’s `span` stands for when it reads it. */
export function binsOf(step: Expr, node: Node): { bins: Bins; values: Record<string, Expr> } {
  const period = literalValue(step);
  if (step.type !== 'string') return { bins: sized, values: { span: step } };
  if (typeof period !== 'string' || !/^(week|month|year)$/i.test(period))
    return unsupported(node, "a step is a value, or one of 'week', 'month' and 'year'");
  return { bins: calendar(period.toLowerCase()), values: {} };
}

/** Runs a text over the rows of the timeline: `T` with `id`, `at` and the dimensions. */
export function analyse(
  t: Timeline,
  dimensions: Dimensions,
  text: string,
  values: Readonly<Record<string, Expr>>,
  result: { first: readonly string[]; last: readonly string[] },
  more: { columns?: Readonly<Record<string, Column>>; tables?: readonly Tabular[] } = {},
): Rel {
  const [start, end] = t.constants;
  const rows = dimensions.rows(t.input, { id: t.id, at: t.at, ...more.columns });
  const lowered = lowerText(text, [rows, ...(more.tables ?? [])], { start: start!, end: end!, ...values }, t.cx);
  return dimensions.named(lowered, result.first, result.last, t.call, t.operator);
}
