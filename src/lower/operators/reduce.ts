import type { ReduceSettings } from '../../functions/index.js';
import { call, column, type Hosted, literalValue, type NamedExpr, type Rel } from '../../ir/index.js';
import type { Node } from '../../kql/index.js';
import type { Column } from '../../tables/index.js';
import { type Context, unsupported, withRow } from '../context.js';
import { lowerExpr } from '../expression.js';
import { unnamed } from '../naming.js';
import { extend, freshName, passOn } from '../rel-helpers.js';
import type { LowerOperator } from './index.js';
import { joinOf } from './join.js';
import { groupKeys } from './summarize.js';
import { parametersOf } from './union.js';

const found: readonly Column[] = [
  { name: 'Pattern', type: 'string' },
  { name: 'Count', type: 'long' },
  { name: 'Representative', type: 'string' },
];

/** `reduce`: patterns that many texts share. With kind=source each row gets the pattern of its text. */
export const reduce: LowerOperator = (node, input, cx) => {
  const kind = parametersOf(node).get('kind')?.text.toLowerCase();
  if (kind !== undefined && kind !== 'source') return unsupported(node, `reduce kind=${kind} is not known`);
  const settings = settingsOf(node, kind === 'source', cx);
  const value = lowerExpr(unnamed(node.get('Expression')), withRow(cx, input.columns));
  const text = value.type === 'string' ? value : call('tostring', 'string', [value]);
  const groups = groupKeys(cx);
  const per = groups.map((g): Column => ({ name: g.name, type: g.expr.type }));
  if (!settings.source)
    return patterns(input, [...groups, { name: freshName('text', per), expr: text }], settings, node);
  const key: Column = { name: freshName('text', input.columns), type: 'string' };
  const rows = extend(input, [{ name: key.name, expr: text }]);
  const shared: Rel = { kind: 'Shared', name: 'rows', input: rows, columns: rows.columns };
  const named = patterns(shared, [...groups, { name: key.name, expr: column(key) }], settings, node);
  const keys = [...per, key].map((c) => ({ left: column(c), right: column(c) }));
  const joined = joinOf('inner', shared, named, keys);
  const added = joined.columns.slice(-found.length);
  const items = [
    ...passOn(input.columns),
    ...added.map((c, i): NamedExpr => ({ name: freshName(found[i]!.name, input.columns), expr: column(c) })),
  ];
  const columns = items.map(
    (i): Column => input.columns.find((c) => c.name === i.name) ?? { name: i.name, type: i.expr.type },
  );
  return { kind: 'Project', input: joined, items, columns, span: node.span };
};

/** Each text goes out once, with how often it stands there. */
function patterns(input: Rel, keys: readonly NamedExpr[], settings: ReduceSettings, node: Node): Hosted {
  const keyColumns = keys.map((k): Column => ({ name: k.name, type: k.expr.type }));
  const count = freshName('count', keyColumns);
  const counted: Rel = {
    kind: 'Aggregate',
    input,
    keys,
    calls: [{ name: count, call: { name: 'count', type: 'long', args: [] } }],
    columns: [...keyColumns, { name: count, type: 'long' }],
  };
  const columns = [...(settings.source ? keyColumns : keyColumns.slice(0, -1)), ...found];
  const operation = { name: 'reduce', settings, per: keys.length - 1 };
  return { kind: 'Hosted', input: counted, operation, columns, span: node.span };
}

function settingsOf(node: Node, source: boolean, cx: Context): ReduceSettings {
  let threshold = 0.1;
  let characters: string | undefined;
  for (const p of node.child('With')?.list('Parameters') ?? []) {
    const name = p.get('Name').name.toLowerCase();
    const value = literalValue(lowerExpr(p.get('Expression'), { ...cx, row: undefined }));
    if (name === 'threshold' && (typeof value === 'number' || typeof value === 'bigint')) threshold = Number(value);
    else if (name === 'characters' && typeof value === 'string') characters = value;
    else return unsupported(p, `reduce with ${name} wants a literal`);
  }
  if (!(threshold >= 0 && threshold <= 1)) return unsupported(node, 'the threshold of reduce lies between 0 and 1');
  return { threshold, ...(characters === undefined ? {} : { characters }), source };
}
