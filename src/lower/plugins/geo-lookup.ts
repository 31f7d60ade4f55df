import { call, column, type Expr, literal, type Rel } from '../../ir/index.js';
import type { Node } from '../../kql/index.js';
import type { Column } from '../../tables/index.js';
import { type Context, findColumn, unsupported, withRow } from '../context.js';
import { lowerExpr } from '../expression.js';
import { joinOf } from '../operators/join.js';
import { filter, freshName, passOn, project } from '../rel-helpers.js';
import { lowerRel } from '../relation.js';
import type { LowerPlugin } from './index.js';

const always = literal('long', 0n);

/** The options behind the four columns, by name or by place; a hint for the matching of Kusto changes no answer. */
const options = ['radius', 'return_unmatched', 'lookup_area_radius', 'return_lookup_key'] as const;

function optionsOf(args: readonly Node[], cx: Context): Partial<Record<(typeof options)[number], Expr>> {
  const found: Partial<Record<(typeof options)[number], Expr>> = {};
  for (const [i, arg] of args.entries()) {
    const named = arg.kind === 'SimpleNamedExpression';
    const name = options.find((o) => (named ? o === arg.get('Name').name.toLowerCase() : o === options[i]));
    if (!name) return unsupported(arg, 'it is not an option of the look-up');
    found[name] = lowerExpr(named ? arg.get('Expression') : arg, { ...cx, row: undefined });
  }
  return found;
}

function flag(node: Node, value: Expr | undefined): boolean {
  if (!value) return false;
  return value.kind === 'Literal' && typeof value.value === 'boolean'
    ? value.value
    : unsupported(node, 'return_unmatched and return_lookup_key must be true or false');
}

/** A join of points with the shapes that they lie in or near. Every match gives a row. */
const lookup =
  (near: 'geo_distance_point_to_polygon' | 'geo_distance_point_to_line', within?: string): LowerPlugin =>
  (node, input, cx) => {
    const [table, key, longitude, latitude, ...more] = node.get('ArgumentList').list('Expressions') as [
      Node,
      Node,
      Node,
      Node,
      ...Node[],
    ];
    const chosen = optionsOf(more, cx);
    const right = lowerRel(table, { ...cx, row: undefined, steps: undefined });
    const shapeAt = right.columns.filter((c) => !c.hidden).findIndex((c) => c.name === key.name);
    if (!findColumn(right.columns, key.name) || shapeAt < 0) {
      return unsupported(key, `there is no column '${key.name}' in the lookup table`);
    }
    const at = [longitude, latitude].map((n) => call('toreal', 'real', [lowerExpr(n, withRow(cx, input.columns))]));
    const id: Column = { name: freshName('row_id', input.columns, right.columns), type: 'long' };
    const all = flag(node, chosen.return_unmatched);
    const left = all ? numbered(input, id) : input;
    // The engine joins by equality only: a constant key pairs every point with every shape, and the condition follows.
    const pairs = joinOf('inner', left, right, [{ left: always, right: always }]);
    const joined = pairs.columns.slice(left.columns.length);
    const shape = column(joined[shapeAt]!);
    const condition = chosen.radius
      ? call('<=', 'bool', [call(near, 'real', [...at, shape]), call('toreal', 'real', [chosen.radius])])
      : within
        ? call(within, 'bool', [...at, shape])
        : unsupported(node, 'the radius is missing');
    const matches = filter(pairs, condition, node.span);
    const added = flag(node, chosen.return_lookup_key) ? joined : joined.filter((_, i) => i !== shapeAt);
    const result = [...input.columns, ...added];
    if (!all) return project(matches, passOn(result), node.span, true);
    const found = project(matches, passOn([...added, id]));
    const outer = joinOf('leftouter', left, found, [{ left: column(id), right: column(id) }]);
    return project(outer, passOn(result), node.span, true);
  };

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

export const geoPolygonLookup = lookup('geo_distance_point_to_polygon', 'geo_point_in_polygon');
export const geoLineLookup = lookup('geo_distance_point_to_line');
