import { failure, positionAt, type Result, type Span, success } from '../../base/index.js';
import type { AnalyticRule } from '../../content/index.js';
import type { Expr, Join, Rel } from '../../ir/index.js';
import type { ExplainRunner } from '../../query/index.js';
import { windowOf } from '../trigger.js';
import { filterRelaxations, joinRelaxations, type Relaxation } from './near-misses.js';

/** One operator of the rule's query with the rows that reach it and leave it. */
export interface ExplainStep {
  /** `<operator>:<source>`, see `Step` of the lowering. */
  readonly id: string;
  readonly operator: string;
  /** Offsets in the query, and the line in the rule's file. */
  readonly span: Span;
  readonly line: number;
  readonly rowsIn: number;
  readonly rowsOut: number;
  /** Of a join: how many different keys each side has, and how many both. */
  readonly keys?: { readonly left: number; readonly right: number; readonly both: number } | undefined;
  /** Of the step that stopped the run: what would have let rows through. */
  readonly nearMisses?: readonly NearMiss[] | undefined;
}

export interface NearMiss {
  readonly rows: number;
  /** `1 row would match if …`. */
  readonly text: string;
  /** Of a join: the keys of one such pair. */
  readonly example?: readonly unknown[] | undefined;
}

export interface Explanation {
  readonly steps: readonly ExplainStep[];
  /** Id of the first step with rows going in and none coming out; undefined when rows reach the end. */
  readonly stoppedAt?: string | undefined;
}

/** Follows the rows of a rule's run through every operator of its query. Nothing is written. */
export async function explainRule(
  rule: AnalyticRule,
  options: { readonly at: number; readonly runner: ExplainRunner; readonly signal?: AbortSignal | undefined },
): Promise<Result<Explanation>> {
  const { at, runner, signal } = options;
  const window = windowOf(rule, at);
  const plan = await runner.plan(rule.query, { at, window, source: rule.source, signal });
  if (!plan.ok) return plan;
  const { steps: planned, count, rows } = plan.value;
  const counts = new Map<Rel, number>();
  for (const rel of new Set(planned.flatMap((s) => [s.input, s.rel]))) {
    const n = await count(rel);
    if (!n.ok) return failure(n.diagnostics);
    counts.set(rel, n.value);
  }
  const words = (e: Expr) => (e.span ? rule.query.slice(e.span.start, e.span.end).replace(/\s+/g, ' ') : e.kind);
  const stopped = planned.find((s) => counts.get(s.input)! > 0 && counts.get(s.rel) === 0);
  const steps: ExplainStep[] = [];
  for (const step of planned) {
    const join = step.rel.kind === 'Join' ? step.rel : undefined;
    steps.push({
      id: step.id,
      operator: step.operator,
      span: step.span,
      line: positionAt(rule.source.text, rule.source.map(step.span.start)).line,
      rowsIn: counts.get(step.input)!,
      rowsOut: counts.get(step.rel)!,
      keys: join && (await joinKeys(join, count)),
      nearMisses: step === stopped ? await nearMisses(step.rel) : undefined,
    });
  }
  return success({ steps, stoppedAt: stopped?.id });

  async function nearMisses(rel: Rel): Promise<NearMiss[]> {
    const relaxed: Relaxation[] =
      rel.kind === 'Join' ? joinRelaxations(rel, words) : rel.kind === 'Filter' ? filterRelaxations(rel, words) : [];
    const found: NearMiss[] = [];
    for (const r of relaxed) {
      const n = await count(r.rel);
      if (!n.ok || n.value === 0) continue;
      found.push({
        rows: n.value,
        text: sentence(n.value, r.text),
        example: r.rel.kind === 'Join' ? await example(r.rel) : undefined,
      });
    }
    const late = await outsideWindow();
    return late ? [...found, late] : found;
  }

  /** The same step over a window three times as long: rows just before or after it. */
  async function outsideWindow(): Promise<NearMiss | undefined> {
    const length = window.to - window.from;
    const wide = await runner.plan(rule.query, {
      at,
      window: { ...window, from: window.from - length, to: window.to + length },
      source: rule.source,
      signal,
    });
    if (!wide.ok) return undefined;
    const same = wide.value.steps.find((s) => s.id === stopped?.id);
    const n = same && (await wide.value.count(same.rel));
    if (!n?.ok || n.value === 0) return undefined;
    return { rows: n.value, text: sentence(n.value, 'the window reached one period further back and ahead') };
  }

  async function example(join: Join): Promise<readonly unknown[] | undefined> {
    const key = join.keys[0]!;
    const columns = [key.left, key.right].flatMap((e) => columnIn(e));
    const names = join.columns.filter((_, i) => {
      const o = join.output[i]!;
      return columns.some((c) => c === o.column);
    });
    if (names.length === 0) return undefined;
    const limited: Rel = {
      kind: 'Limit',
      input: {
        kind: 'Project',
        input: join,
        items: names.map((c) => ({ name: c.name, expr: { kind: 'Column', ...c } })),
        columns: names,
      },
      count: { kind: 'Literal', type: 'long', value: 1n },
      columns: names,
    };
    const answer = await rows(limited);
    return answer.ok ? answer.value.rows[0] : undefined;
  }
}

const sentence = (n: number, text: string) => `${n} ${n === 1 ? 'row' : 'rows'} would match if ${text}`;

function columnIn(e: Expr): string[] {
  if (e.kind === 'Column') return [e.name];
  return e.kind === 'Call' ? e.args.flatMap(columnIn) : [];
}

async function joinKeys(join: Join, count: (rel: Rel) => Promise<Result<number>>) {
  const distinct = (rel: Rel, side: 'left' | 'right'): Rel => ({
    kind: 'Aggregate',
    input: rel,
    keys: join.keys.map((k, i) => ({ name: `key${i}`, expr: k[side] })),
    calls: [],
    columns: join.keys.map((k, i) => ({ name: `key${i}`, type: k[side].type })),
  });
  const left = distinct(join.left, 'left');
  const right = distinct(join.right, 'right');
  const both: Rel = {
    kind: 'Join',
    joinKind: 'leftsemi',
    left,
    right,
    keys: left.columns.map((c, i) => ({
      left: { kind: 'Column', ...c },
      right: { kind: 'Column', ...right.columns[i]! },
    })),
    columns: left.columns,
    output: left.columns.map((c) => ({ side: 'left', column: c.name })),
  };
  const [l, r, b] = [await count(left), await count(right), await count(both)];
  return l.ok && r.ok && b.ok ? { left: l.value, right: r.value, both: b.value } : undefined;
}
