import { call, column, literal, type Rel } from '../../ir/index.js';
import type { Node } from '../../kql/index.js';
import type { Column } from '../../tables/index.js';
import { type Context, findColumn, unsupported, withRow } from '../context.js';
import { lowerExpr } from '../expression.js';
import { joinOf } from '../operators/join.js';
import { filter, freshName, passOn, project } from '../rel-helpers.js';
import { lowerRel } from '../relation.js';
import type { LowerPlugin } from './index.js';

const always = literal('long', 0n);

/** A join in which an address of the left side lies within a network of the right one. Every match gives a row. */
const lookup =
  (inRange: string, lookupFirst: boolean): LowerPlugin =>
  (node, input, cx) => {
    const [table, source, network, ...more] = node.get('ArgumentList').list('Expressions') as [
      Node,
      Node,
      Node,
      ...Node[],
    ];
    const right = lowerRel(table, { ...cx, row: undefined, steps: undefined });
    const address = lowerExpr(source, withRow(cx, input.columns));
    const range = findColumn(right.columns, network.name);
    if (!range) return unsupported(network, `there is no column '${network.name}' in the lookup table`);
    const extras = more.filter((m) => m.kind === 'NameReference').map((m) => m.name);
    const shared = extras.map((name) => {
      const [l, r] = [findColumn(input.columns, name), findColumn(right.columns, name)];
      if (!l || !r || l.type !== r.type) return unsupported(node, `both tables must have the column '${name}'`);
      return { left: column(l), right: column(r) };
    });
    const id: Column = { name: freshName('row_id', input.columns, right.columns), type: 'long' };
    const all = unmatched(more, cx);
    const left = all ? numbered(input, id) : input;
    // The engine joins by equality only: a constant key pairs every row with every network, and the condition follows.
    const keys = shared.length ? shared : [{ left: always, right: always }];
    const pairs = joinOf('inner', left, right, keys);
    const joined = pairs.columns.slice(left.columns.length);
    const at = joined[right.columns.filter((c) => !c.hidden).indexOf(range)]!;
    const matches = filter(pairs, call(inRange, 'bool', [address, column(at)]), node.span);
    const added = joined.filter((_, i) => !extras.includes(right.columns.filter((c) => !c.hidden)[i]!.name));
    // Kusto puts the columns of the lookup table first for version 6.
    const result = lookupFirst ? [...added, ...input.columns] : [...input.columns, ...added];
    if (!all) return project(matches, passOn(result), node.span, true);
    const found = project(matches, passOn([...added, id]));
    const outer = joinOf('leftouter', left, found, [{ left: column(id), right: column(id) }]);
    return project(outer, passOn(result), node.span, true);
  };

function unmatched(args: readonly Node[], cx: Context): boolean {
  const flag = args.find((a) => a.kind !== 'NameReference');
  if (!flag) return false;
  const value = lowerExpr(flag.kind === 'SimpleNamedExpression' ? flag.get('Expression') : flag, {
    ...cx,
    row: undefined,
  });
  return value.kind === 'Literal' && typeof value.value === 'boolean'
    ? value.value
    : unsupported(flag, 'return_unmatched must be true or false');
}

function numbered(input: Rel, id: Column): Rel {
  const columns = [...input.columns, id];
  const window: Rel = {
    kind: 'Window',
    input,
    items: [{ name: id.name, call: { name: 'row_id', type: 'long', args: [] } }],
    columns,
  };
  return { kind: 'Shared', name: 'rows', input: window, columns };
}

export const ipv4Lookup = lookup('ipv4_is_in_range', false);
export const ipv6Lookup = lookup('ipv6_is_in_range', true);
