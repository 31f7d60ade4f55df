import type { Diagnostic } from '../base/index.js';
import { standardColumns } from '../tables/index.js';
import type { Node } from './node.js';

/** Arguments that the engine takes and the binder does not: `count(x)`, fractions of seconds, a calendar period as a step. */
const takenAnyway: Record<string, readonly string[]> = {
  KS107: ['count', 'series_fit_poly', 'percentiles_array_tdigest'],
  KS134: ['make_timespan', 'make_datetime'],
  KS138: ['activity_metrics', 'new_activity_metrics', 'activity_counts_metrics', 'active_users_count'],
};

/** What is dynamic already stays as it is. */
const ofDynamic = new Set(['todynamic', 'parse_json', 'parsejson', 'toobject']);

const hiddenNames = new Set(standardColumns.filter((c) => c.hidden).map((c) => c.name));

/** Findings of the official binder about queries that the engine answers, as published detections show. */
export function tooStrict(d: Diagnostic, root: Node): boolean {
  switch (d.code) {
    case 'KS171': {
      // A parser may fill a hidden column: the table's own steps aside.
      if (hiddenNames.has(/'([^']*)'/.exec(d.message)?.[1] ?? '')) return true;
      // `project-rename a = a` changes nothing.
      const item = placeOf(d, root)?.within.findLast((n) => n.kind === 'SimpleNamedExpression');
      return item !== undefined && item.get('Name').name === item.get('Expression').name;
    }
    case 'KS183': {
      // The columns of a join, right side first.
      const pair = placeOf(d, root)?.within.findLast((n) => n.kind === 'EqualExpression');
      return /^\$right\b/.test(pair?.get('Left').text.trim() ?? '') && /^\$left\b/.test(pair!.get('Right').text.trim());
    }
    case 'KS147': {
      // A branch that is `dynamic("")` makes the whole look like a text.
      const element = placeOf(d, root)?.within.findLast((n) => n.kind === 'ElementExpression');
      return element?.get('Expression').type === 'dynamic';
    }
    case 'KS141':
    case 'KS107':
    case 'KS134':
    case 'KS138':
      return isTakenAnyway(d, root);
    default:
      return false;
  }
}

function isTakenAnyway(d: Diagnostic, root: Node): boolean {
  const place = placeOf(d, root);
  if (!place) return false;
  const { argument, call } = place;
  // A text between brackets is the key of a property; an array has none, which gives null.
  if (d.code === 'KS141' && /\bint or long\b/.test(d.message)) return /^@?["']/.test(argument.text.trim());
  if (call === undefined) return false;
  if (d.code === 'KS141') return false;
  if (d.code === 'KS107' && ofDynamic.has(call)) return argument.type === 'dynamic';
  if (d.code === 'KS138' && !/^["'](week|month|year)["']$/i.test(argument.text.trim())) return false;
  return takenAnyway[d.code]?.includes(call) === true;
}

interface Place {
  /** The expression of exactly the finding's span. */
  readonly argument: Node;
  /** The nodes around the finding, outermost first. */
  readonly within: readonly Node[];
  /** The function that is called there. */
  readonly call: string | undefined;
}

function placeOf(d: Diagnostic, root: Node): Place | undefined {
  if (!d.span) return undefined;
  const { start, end } = d.span;
  const within: Node[] = [];
  const isArgument = (n: Node) => n.span.start === start && n.span.end === end;
  for (let node: Node | undefined = root; node; ) {
    within.push(node);
    node = node.children.find((c) => c.span.start <= start && end <= c.span.end);
  }
  const call = within.findLast((n) => n.kind === 'FunctionCallExpression' && !isArgument(n));
  const spanned = within.filter(isArgument);
  return {
    argument: spanned.find((n) => n.type !== undefined) ?? spanned[0] ?? within.at(-1)!,
    within,
    call: call?.get('Name').name,
  };
}
