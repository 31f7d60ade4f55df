import { call, column, type Expr, literal, type NamedExpr, type Rel, type Window } from '../../ir/index.js';
import type { Node } from '../../kql/index.js';
import type { Column } from '../../tables/index.js';
import { type Context, findColumn, Scope, unsupported } from '../context.js';
import type { LowerOperator } from '../operators/index.js';
import { joinOf } from '../operators/join.js';
import { filter, freshName, passOn, project } from '../rel-helpers.js';
import { lowerOperator, lowerRel } from '../relation.js';
import { type Graph, graphAsRel } from './graph.js';

/** Rows become edges between the nodes that two of their columns name. An end that is null names no node. */
export const makeGraph: LowerOperator = (node, input, cx) => {
  const columns = input.columns.filter((c) => !c.hidden);
  const ends = (['SourceColumn', 'TargetColumn'] as const).map((end) => columnOf(node.get(end), columns));
  const [source, target] = ends as [Column, Column];
  if (source.type !== target.type)
    return unsupported(node, `an edge leads from a ${source.type} to a ${target.type}`, 'convert one to the other');
  if (source.type === 'dynamic') return unsupported(node, 'a node cannot be known by a dynamic', 'use tostring()');
  const partition = node.child('PartitionedByClause');
  const partColumn = partition && columnOf(partition.get('Entity'), columns);
  const clause = node.child('WithClause');
  const tables = clause?.list('TablesAndKeys') ?? [];
  const properties = tables.map((t) => nodeTable(t, source, partColumn, cx));
  const names = [columns, ...properties.map((p) => p.columns)];
  const own = (name: string, type: Column['type']): Column => ({ name: freshName(name, ...names), type });
  const id = own('edge_id', 'long');
  const from = own('edge_from', source.type);
  const to = own('edge_to', source.type);
  const key = own('node_key', source.type);
  const part = partColumn && own('graph_part', partColumn.type);

  const ended = filter(input, call('and', 'bool', [exists(source), exists(target)]));
  const named = project(ended, [
    ...passOn(columns),
    ...(part ? [{ name: part.name, expr: column(partColumn) }] : []),
    { name: from.name, expr: column(source) },
    { name: to.name, expr: column(target) },
  ]);
  const numbered: Window = {
    kind: 'Window',
    input: named,
    items: [{ name: id.name, call: { name: 'row_id', type: 'long', args: [] } }],
    columns: [...named.columns, id],
  };
  const edges = shared('edges', numbered);
  const keys = part ? [part, key] : [key];
  const keysFrom = (rel: Rel, end: Column, partOf: Column | undefined) =>
    project(rel, [
      ...(part ? [{ name: part.name, expr: column(partOf!) }] : []),
      { name: key.name, expr: column(end) },
    ]);
  const all: Rel = {
    kind: 'Union',
    inputs: [
      keysFrom(edges, from, part),
      keysFrom(edges, to, part),
      ...properties.map((p) => keysFrom(p.rel, p.key, p.part)),
    ],
    columns: keys,
  };
  let nodes: Rel = grouped(all, keys, []);
  const prefixes = properties.map((p, i) => {
    const renamed = (c: Column) => ({ name: `node${i}.${c.name}`, type: c.type });
    const rows = grouped(
      project(p.rel, [
        ...(part ? [{ name: part.name, expr: column(p.part!) }] : []),
        { name: key.name, expr: column(p.key) },
        ...p.columns.map((c) => ({ name: renamed(c).name, expr: column(c) })),
        { name: `node${i}`, expr: literal('long', 1n) },
      ]),
      keys,
      [...p.columns.map(renamed), { name: `node${i}`, type: 'long' }],
    );
    nodes = withLeft(nodes, rows, keys);
    return renamed;
  });
  const degrees = (['in', 'out'] as const).map((direction): Column => {
    const end = direction === 'in' ? to : from;
    const degree: Column = { name: freshName(`degree_${direction}`, ...names), type: 'long' };
    const counts: Rel = {
      kind: 'Aggregate',
      input: edges,
      keys: [...(part ? [{ name: part.name, expr: column(part) }] : []), { name: key.name, expr: column(end) }],
      calls: [{ name: degree.name, call: { name: 'count', type: 'long', args: [] } }],
      columns: [...keys, degree],
    };
    nodes = withLeft(nodes, counts, keys);
    return degree;
  });
  const [degreeIn, degreeOut] = degrees as [Column, Column];
  const items: NamedExpr[] = [];
  const implicit = clause?.child('Name');
  if (implicit) items.push({ name: implicit.name, expr: column(key) });
  for (const [i, p] of properties.entries())
    for (const c of p.columns) {
      const others = properties.flatMap((o, at) => {
        const same = findColumn(o.columns, c.name);
        if (same && same.type !== c.type)
          return unsupported(node, `the tables of nodes have '${c.name}' as ${c.type} and as ${same.type}`);
        return same ? [column(prefixes[at]!(same))] : [];
      });
      if (items.some((item) => item.name === c.name)) continue;
      const inAll = (named: (o: NodeTable) => boolean) =>
        properties.every((o) => !findColumn(o.columns, c.name) || named(o));
      const isKey = inAll((o) => o.key.name === c.name);
      const isProperty = inAll((o) => o.key.name !== c.name);
      const value = isKey ? keyOf(key, i, others.length) : merged(isProperty ? others : [...others, column(key)]);
      items.push({ name: c.name, expr: value });
    }
  function keyOf(k: Column, i: number, tablesWithIt: number): Expr {
    if (tablesWithIt === properties.length) return column(k);
    // Two tables name their keys differently: a node has those of the tables that it stands in, or both when in none.
    const missing = (at: number) => call('isnull', 'bool', [column({ name: `node${at}`, type: 'long' })]);
    const elsewhere = call('and', 'bool', [missing(i), call('not', 'bool', [missing(1 - i)])]);
    return call('iff', k.type, [elsewhere, literal(k.type, k.type === 'string' ? '' : null), column(k)]);
  }
  const zero = literal('long', 0n);
  const counted = (c: Column) => ({ name: c.name, expr: call('coalesce', 'long', [column(c), zero]) });
  const finished = project(nodes, [...passOn(keys), ...items, counted(degreeIn), counted(degreeOut)]);
  const graph: Graph = {
    edges,
    edgeColumns: columns,
    id,
    from,
    to,
    nodes: shared('nodes', finished),
    nodeColumns: items.map((i) => ({ name: i.name, type: i.expr.type })),
    key,
    degreeIn,
    degreeOut,
    part,
  };
  const rel = graphAsRel(graph, node);
  if (!partition) return rel;
  return lowerOperator(partition.get('Subquery'), rel, { ...cx, scope: new Scope(cx.scope), steps: undefined });
};

function columnOf(node: Node, columns: readonly Column[]): Column {
  return findColumn(columns, node.name) ?? unsupported(node, `there is no column '${node.name}' here`);
}

interface NodeTable {
  readonly rel: Rel;
  readonly columns: readonly Column[];
  readonly key: Column;
  readonly part: Column | undefined;
}

function nodeTable(node: Node, end: Column, partColumn: Column | undefined, cx: Context): NodeTable {
  const { per: _, ...outside } = cx;
  const rel = lowerRel(node.get('Table'), { ...outside, row: undefined, steps: undefined });
  const columns = rel.columns.filter((c) => !c.hidden);
  const key = columnOf(node.get('Column'), columns);
  if (key.type !== end.type)
    return unsupported(node, `edges know nodes by a ${end.type}, this table by a ${key.type}`, 'convert one');
  const part =
    partColumn &&
    (findColumn(columns, partColumn.name) ?? unsupported(node, `the nodes have no column '${partColumn.name}'`));
  return { rel: filter(rel, exists(key)), columns, key, part };
}

const exists = (c: Column): Expr => call('isnotnull', 'bool', [column(c)]);

/** Values of a column that both tables have: the first that is not null or empty. */
const merged = (of: readonly Expr[]): Expr => (of.length === 1 ? of[0]! : call('coalesce', of[0]!.type, of));

const shared = (name: string, input: Rel): Rel => ({ kind: 'Shared', name, input, columns: input.columns });

function grouped(input: Rel, keys: readonly Column[], values: readonly Column[]): Rel {
  return {
    kind: 'Aggregate',
    input,
    keys: passOn(keys),
    calls: values.map((c) => ({ name: c.name, call: { name: 'take_any', type: c.type, args: [column(c)] } })),
    columns: [...keys, ...values],
  };
}

/** The rows of the left side with the columns of the right one, keys once. */
function withLeft(left: Rel, right: Rel, keys: readonly Column[]): Rel {
  const joined = joinOf(
    'leftouter',
    left,
    right,
    keys.map((k) => ({ left: column(k), right: column(k) })),
  );
  const isKey = (name: string) => keys.some((k) => k.name === name);
  const kept = joined.output
    .map((o, i) => ({ o, c: joined.columns[i]! }))
    .filter(({ o }) => o.side === 'left' || !isKey(o.column));
  return { ...joined, columns: kept.map((k) => k.c), output: kept.map((k) => k.o) };
}
