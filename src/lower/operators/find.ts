import { call, column, type Expr, literal, type NamedExpr, type Rel } from '../../ir/index.js';
import type { Node } from '../../kql/index.js';
import type { Column, KqlType } from '../../tables/index.js';
import { type Context, findColumn, unsupported, withRow } from '../context.js';
import { extend, filter, project } from '../rel-helpers.js';
import { everyTable, Search } from './search.js';
import { type Leg, legsOf, parametersOf } from './union.js';

/**
 * `find`: rows of several tables that pass a condition. Tables without any column of the condition drop out. What is not
 * projected, or for project-smart not in the condition or in every table, goes into a bag.
 */
export function lowerFind(node: Node, cx: Context): Rel {
  const parameters = parametersOf(node);
  const source = (parameters.get('withsource') ?? parameters.get('with_source'))?.name ?? 'source_';
  const named = node.child('InClause')?.list('Expressions') ?? [];
  const all = named.length
    ? named.flatMap((e, i) => legsOf(e, { ...cx, steps: undefined }, false, i))
    : everyTable(node, cx);
  const condition = node.get('Condition');
  const asked = new Set<string>();
  const anywhere = namesIn(condition, asked, true);
  const legs = anywhere ? all : all.filter((l) => visible(l).some((c) => asked.has(c.name)));
  if (legs.length === 0) return unsupported(node, 'no table has a column of the condition');
  const types = new Map<string, KqlType>();
  for (const c of legs.flatMap(visible)) {
    const known = types.get(c.name);
    if (known !== undefined && known !== c.type && asked.has(c.name))
      return unsupported(
        condition,
        `the tables have '${c.name}' as ${known} and as ${c.type}`,
        'union, with a column of each type',
      );
    types.set(c.name, known ?? c.type);
  }
  const output = outputOf(node.child('Project'), legs, asked, types);
  const columns: Column[] = [
    { name: source, type: 'string' },
    ...output.columns,
    ...(output.bag ? [{ name: 'pack_', type: 'dynamic' as const }] : []),
  ];
  const inputs = legs.map((leg) => {
    const lacking = [...asked].filter((name) => types.has(name) && !findColumn(leg.rel.columns, name));
    const rows = extend(
      leg.rel,
      lacking.map((name) => ({ name, expr: missing(types.get(name)!) })),
    );
    const found = filter(rows, new Search(rows.columns, false, withRow(cx, rows.columns)).predicate(condition));
    const items: NamedExpr[] = [{ name: source, expr: literal('string', leg.name) }];
    for (const c of output.columns) {
      const own = findColumn(leg.rel.columns, c.name);
      items.push({ name: c.name, expr: own ? cast(column(own), c.type) : missing(c.type) });
    }
    if (output.bag) {
      const rest = visible(leg).filter((c) => output.bag === 'all' || !isShown(c, output.columns));
      const pairs = rest.flatMap((c) => [literal('string', c.name), column(c)]);
      items.push({ name: 'pack_', expr: call('bag_pack', 'dynamic', pairs) });
    }
    return project(found, items);
  });
  return { kind: 'Union', inputs, columns, span: node.span };
}

const visible = (leg: Leg) => leg.rel.columns.filter((c) => !c.hidden);
const missing = (type: KqlType): Expr => literal(type, type === 'string' ? '' : null);
const cast = (value: Expr, type: KqlType): Expr => (value.type === type ? value : call(`to${type}`, type, [value]));
const isShown = (c: Column, shown: readonly Column[]) => shown.some((s) => s.name === c.name && s.type === c.type);

/** Collects the columns that the condition names; true when it looks into every column, as a bare text or a star does. */
function namesIn(node: Node, names: Set<string>, isTerm: boolean): boolean {
  switch (node.kind) {
    case 'StringLiteralExpression':
    case 'CompoundStringLiteralExpression':
      return isTerm;
    case 'StarExpression':
      return true;
    case 'NameReference':
      if (node.reference?.kind === 'column' || node.reference === undefined) names.add(node.name);
      return false;
  }
  const joins = /^(And|Or|Parenthesized)Expression$|^(List|SeparatedElement)$/.test(node.kind);
  // Every part is looked at: no short cut.
  return node.children.map((child) => namesIn(child, names, isTerm && joins)).includes(true);
}

function outputOf(
  clause: Node | undefined,
  legs: readonly Leg[],
  asked: ReadonlySet<string>,
  types: ReadonlyMap<string, KqlType>,
): { columns: readonly Column[]; bag: 'rest' | 'all' | undefined } {
  const listed = clause?.list('Columns') ?? [];
  if (listed.length > 0) {
    const columns = listed
      .filter((c) => c.kind !== 'PackExpression')
      .map((c): Column => {
        const name = c.kind === 'TypedColumnReference' ? c.get('Column').name : c.name;
        const wanted = c.kind === 'TypedColumnReference' ? (c.get('Type').text.toLowerCase() as KqlType) : undefined;
        const several =
          new Set(
            legs
              .flatMap(visible)
              .filter((v) => v.name === name)
              .map((v) => v.type),
          ).size > 1;
        if (several && !wanted) return unsupported(c, `'${name}' has several types`, `name one: ${name}:string`);
        return { name, type: wanted ?? types.get(name) ?? 'string' };
      });
    return { columns, bag: columns.length < listed.length ? 'all' : undefined };
  }
  const columns: Column[] = [];
  for (const c of legs.flatMap(visible)) {
    const everywhere = legs.every((l) => isShown(c, visible(l)));
    if ((asked.has(c.name) || everywhere) && !isShown(c, columns)) columns.push({ name: c.name, type: c.type });
  }
  const rest = legs.some((l) => visible(l).some((c) => !isShown(c, columns)));
  return { columns, bag: rest ? 'rest' : undefined };
}
