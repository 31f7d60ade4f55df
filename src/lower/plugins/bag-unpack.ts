import { call, column, literal, literalValue, type NamedExpr, type Rel } from '../../ir/index.js';
import type { Node } from '../../kql/index.js';
import type { Column, KqlType } from '../../tables/index.js';
import { type Context, unsupported, withRow } from '../context.js';
import { lowerExpr } from '../expression.js';
import { ask } from '../facts.js';
import { passOn, project } from '../rel-helpers.js';
import type { LowerPlugin } from './index.js';

/**
 * Spreads a bag into columns, in the order of their names. Unless the query declares them
 * (`evaluate bag_unpack(d) : (a: string, *)`), the columns are the properties that the rows have.
 */
export const bagUnpack: LowerPlugin = (node, input, cx, operator) => {
  const row = withRow(cx, input.columns);
  const { bag, prefix, conflict, ignored } = argumentsOf(node, row);
  const value = lowerExpr(bag, row);
  if (value.kind !== 'Column' || value.type !== 'dynamic') return unsupported(bag, 'bag_unpack wants a dynamic column');
  const rest = input.columns.filter((c) => c.name !== value.name);
  const declared = declaredColumns(operator);
  const found =
    declared?.columns ?? properties(input, value.name, cx).map((p) => ({ name: prefix + p.name, type: p.type }));
  const unpacked = found
    .filter((c) => !ignored.has(c.name.slice(prefix.length)))
    .filter((c) => declared === undefined || !rest.some((r) => r.name === c.name && !c.name.startsWith(prefix)));
  const clash = unpacked.find((c) => rest.some((r) => r.name === c.name));
  if (clash && conflict === 'error' && !declared) {
    return unsupported(
      node,
      `the bag has a property '${clash.name}' like a column`,
      "say columnsConflict='replace_source' or 'keep_source'",
    );
  }
  const fromBag = (c: Column): NamedExpr => {
    const element = call('.', 'dynamic', [column(value), literal('string', c.name.slice(prefix.length))]);
    return { name: c.name, expr: c.type === 'dynamic' ? element : call(`to${c.type}`, c.type, [element]) };
  };
  const isNew = (c: Column) => !rest.some((r) => r.name === c.name);
  const items: NamedExpr[] = rest.map((c) => {
    const own = conflict === 'replace_source' && unpacked.find((u) => u.name === c.name);
    return own ? fromBag(own) : { name: c.name, expr: column(c) };
  });
  const all = [...items, ...unpacked.filter(isNew).map(fromBag)];
  const kept = declared && !declared.open ? declared.columns.flatMap((d) => all.filter((i) => i.name === d.name)) : all;
  return project(
    input,
    [...kept, ...passOn((cx.per ?? []).filter((p) => !kept.some((k) => k.name === p.name)))],
    undefined,
    true,
  );
};

function argumentsOf(node: Node, cx: Context) {
  const [bag, ...others] = node.get('ArgumentList').list('Expressions');
  let prefix = '';
  let conflict = 'error';
  const ignored = new Set<string>();
  for (const [i, other] of others.entries()) {
    const named =
      other.kind === 'SimpleNamedExpression'
        ? other.get('Name').name
        : ['OutputColumnPrefix', 'columnsConflict', 'ignoredProperties'][i];
    const value = literalValue(lowerExpr(other, cx));
    if (typeof value !== 'string') return unsupported(other, 'bag_unpack wants literals');
    if (named === 'OutputColumnPrefix') prefix = value;
    else if (named === 'columnsConflict') conflict = value;
    else for (const name of JSON.parse(value) as string[]) ignored.add(name);
  }
  return { bag: bag!, prefix, conflict, ignored };
}

/** Names of properties by what `gettype` calls their values; several kinds make a dynamic column. */
const kinds: Record<string, KqlType> = {
  long: 'long',
  int: 'long',
  real: 'real',
  double: 'real',
  string: 'string',
  bool: 'bool',
  datetime: 'datetime',
  timespan: 'timespan',
  guid: 'guid',
};

function properties(input: Rel, bag: string, cx: Context): Column[] {
  const value: Column = { name: bag, type: 'dynamic' };
  const pairs: Rel = {
    kind: 'Expand',
    input: project(input, passOn([value])),
    items: [{ name: 'pair', expr: column(value) }],
    pairs: true,
    columns: [value, { name: 'pair', type: 'dynamic' }],
  };
  const part = (i: bigint) => call('.', 'dynamic', [column({ name: 'pair', type: 'dynamic' }), literal('long', i)]);
  const answer = ask(cx, {
    kind: 'Aggregate',
    input: pairs,
    keys: [
      { name: 'name', expr: call('tostring', 'string', [part(0n)]) },
      { name: 'kind', expr: call('gettype', 'string', [part(1n)]) },
    ],
    calls: [],
    columns: [
      { name: 'name', type: 'string' },
      { name: 'kind', type: 'string' },
    ],
  });
  const types = new Map<string, Set<KqlType>>();
  for (const [name, kind] of answer as readonly (readonly [string, string])[]) {
    if (name === '') continue;
    const of = types.get(name) ?? new Set();
    if (kind !== 'null') of.add(kinds[kind] ?? 'dynamic');
    types.set(name, of);
  }
  const ordered = [...types].sort(([a], [b]) => (a < b ? -1 : 1));
  return ordered.map(([name, of]) => ({ name, type: of.size === 1 ? [...of][0]! : 'dynamic' }));
}

function declaredColumns(operator: Node): { columns: Column[]; open: boolean } | undefined {
  const schema = operator.child('Schema')?.child('Schema');
  if (!schema) return undefined;
  return {
    columns: schema
      .list('Columns')
      .map((c) => ({ name: c.get('Name').name, type: c.get('Type').text.toLowerCase() as KqlType })),
    open: schema.child('AsteriskToken')?.text === '*',
  };
}
