import { fail } from '../base/index.js';
import { call, column, type Expr, literal, literalValue, type Rel } from '../ir/index.js';
import type { Node } from '../kql/index.js';
import type { KqlType } from '../tables/index.js';
import { type Context, findColumn, unsupported } from './context.js';
import { lowerExpr } from './expression.js';
import { ask } from './facts.js';
import { optionOf } from './options.js';
import { lowerRel } from './relation.js';

const argumentsOf = (node: Node) => node.child('ArgumentList')?.list('Expressions') ?? [];

/** Times of the run are parameters of the statement, so that a compiled query serves every run. */
const runTime = (node: Node, cx: Context): Expr =>
  optionOf('query_now', cx) ?? { kind: 'RunTime', type: 'datetime', name: 'now', span: node.span };

/** The engine's zones are literals; a column of them is for a function in this process. */
function inZone(ofColumn: string) {
  return (node: Node, cx: Context): Expr => {
    const args = argumentsOf(node).map((a) => lowerExpr(a, cx));
    const isColumn = args[0]?.type === 'datetime' && args[1]?.kind !== 'Literal';
    return call(isColumn ? ofColumn : node.get('Name').name, 'datetime', args, node.span);
  };
}

/** Calls whose meaning needs the row or the run, not only their arguments. */
export const specialCalls: Record<string, (node: Node, cx: Context) => Expr> = {
  now: (node, cx) => {
    const offset = argumentsOf(node)[0];
    const now = runTime(node, cx);
    return offset ? call('+', 'datetime', [now, lowerExpr(offset, cx)], node.span) : now;
  },
  ago: (node, cx) => call('-', 'datetime', [runTime(node, cx), lowerExpr(argumentsOf(node)[0]!, cx)], node.span),
  ingestion_time: (node, cx) => {
    const received = findColumn(cx.row?.columns ?? [], '_TimeReceived');
    return received ? column(received, node.span) : literal('datetime', null, node.span);
  },
  datetime_utc_to_local: inZone('utc_to_local_of_column'),
  datetime_local_to_utc: inZone('local_to_utc_of_column'),
  bin_auto: binAuto,
  column_ifexists: columnIfExists,
  columnifexists: columnIfExists,
  /** Known before the query runs, so that it may name columns. */
  column_names_of: (node, cx) => {
    const { row: _, ...outside } = cx;
    const { columns } = lowerRel(argumentsOf(node)[0]!, { ...outside, steps: undefined });
    const names = columns.filter((c) => !c.hidden).map((c) => c.name);
    return literal('dynamic', JSON.stringify(names), node.span);
  },
  bag_pack_columns: (node, cx) => {
    const pairs = argumentsOf(node).flatMap((a) => {
      const value = lowerExpr(a, cx);
      if (value.kind !== 'Column') return unsupported(a, 'bag_pack_columns wants columns', 'bag_pack(name, value, …)');
      return [literal('string', value.name), value];
    });
    return call('bag_pack', 'dynamic', pairs, node.span);
  },
  /** How a number is written is lost when a dynamic is parsed, so the function gets its text: in an array, a null too. */
  dynamic_to_json: (node, cx) => {
    const value = lowerExpr(argumentsOf(node)[0]!, cx);
    if (value.type !== 'dynamic') return call('tostring', 'string', [value], node.span);
    const text = call('tostring', 'string', [call('pack_array', 'dynamic', [value])]);
    return call('dynamic_to_json', 'string', [text], node.span);
  },
  extract_json: extractJson,
  extractjson: extractJson,
  /** Checked before the query runs, as there: a condition of the data is none. */
  assert: (node, cx) => {
    const [condition, message] = argumentsOf(node);
    const { row: _, ...outside } = cx;
    const test = lowerExpr(condition!, outside);
    const columns = [{ name: 'holds', type: 'bool' as const }];
    const one: Rel = { kind: 'Values', columns: [], rows: [[]] };
    const [holds] = ask(cx, { kind: 'Project', input: one, items: [{ name: 'holds', expr: test }], columns });
    if (holds?.[0] === true) return literal('bool', true, node.span);
    const text = literalValue(lowerExpr(message!, outside));
    return fail('KQL1002', `assert() has failed with message: '${text}'`, { span: node.span });
  },
  estimate_data_size: (node, cx) => {
    const columns = (cx.row?.columns ?? []).filter((c) => !c.hidden).map((c) => column(c));
    const args = argumentsOf(node).flatMap((a) => (a.kind === 'StarExpression' ? columns : [lowerExpr(a, cx)]));
    return call('estimate_data_size', 'long', args, node.span);
  },
  pack_all: (node, cx) => {
    const ignoreEmpty = argumentsOf(node)[0]?.text === 'true';
    const pairs = (cx.row?.columns ?? [])
      .filter((c) => !c.hidden)
      .flatMap((c) => [literal('string', c.name), column(c)]);
    return call(ignoreEmpty ? 'pack_non_empty' : 'bag_pack', 'dynamic', pairs, node.span);
  },
};

function extractJson(node: Node, cx: Context): Expr {
  const [path, json, type] = argumentsOf(node);
  const args = [lowerExpr(path!, cx), lowerExpr(json!, cx)];
  const to = type?.list('Types')[0]?.text.toLowerCase() as KqlType | undefined;
  if (type && !to) return unsupported(type, 'the type must be a typeof() literal');
  if (to === undefined || to === 'string') return call('extract_json', 'string', args, node.span);
  const value = call('extract_json', 'dynamic', args, node.span);
  return to === 'dynamic' ? value : call(`to${to}`, to, [value], node.span);
}

/** Size and fixed point come from options: `set query_bin_auto_size=1h;`. */
function binAuto(node: Node, cx: Context): Expr {
  const size = optionOf('query_bin_auto_size', cx);
  const at = optionOf('query_bin_auto_at', cx);
  if (!size) return unsupported(node, 'bin_auto wants a size', 'begin with set query_bin_auto_size=1h;');
  const value = lowerExpr(argumentsOf(node)[0]!, cx);
  const type = node.type ?? value.type;
  return at ? call('bin_at', type, [value, size, at], node.span) : call('bin', type, [value, size], node.span);
}

function columnIfExists(node: Node, cx: Context): Expr {
  const [name, otherwise] = argumentsOf(node);
  if (!name || !otherwise) return unsupported(node, 'column_ifexists wants a name and a default');
  const spelled = lowerExpr(name, cx);
  if (spelled.kind !== 'Literal' || typeof spelled.value !== 'string') {
    fail('KQL1002', 'column_ifexists wants the name as a literal', { span: name.span });
  }
  const found = findColumn(cx.row?.columns ?? [], spelled.value);
  return found ? column(found, node.span) : lowerExpr(otherwise, cx);
}
