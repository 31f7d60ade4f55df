import type { MatchOutput, MatchSettings, PatternEdge } from '../../functions/index.js';
import {
  call,
  column,
  columnsRead,
  conjunction,
  conjunctsOf,
  type Expr,
  literal,
  literalValue,
  mapExpr,
  type NamedExpr,
  type Rel,
} from '../../ir/index.js';
import type { Node } from '../../kql/index.js';
import type { Column } from '../../tables/index.js';
import { type Context, type Elements, findColumn, unsupported, withRow } from '../context.js';
import { lowerExpr } from '../expression.js';
import { namedItems } from '../naming.js';
import type { LowerOperator } from '../operators/index.js';
import { joinOf } from '../operators/join.js';
import { parametersOf } from '../operators/union.js';
import { filter, passOn, project } from '../rel-helpers.js';
import { type Graph, graphOf } from './graph.js';

export const graphMatch: LowerOperator = (node, input, cx) => {
  const cycles = parametersOf(node).get('cycles')?.text.toLowerCase() ?? 'unique_edges';
  if (cycles !== 'all' && cycles !== 'none' && cycles !== 'unique_edges')
    return unsupported(node, `cycles=${cycles} is not known`, 'cycles=all, none or unique_edges');
  return new Match(node, graphOf(input, node), cx).rel(cycles, undefined);
};

/** Paths of the least length from each first node to each last one. */
export const graphShortestPaths: LowerOperator = (node, input, cx) => {
  const output = parametersOf(node).get('output')?.text.toLowerCase() ?? 'any';
  if (output !== 'any' && output !== 'all') return unsupported(node, `output=${output} is not known`);
  return new Match(node, graphOf(input, node), cx).rel('all', output);
};

/** What is asked of the edges or inner nodes of a path, under the name of the column that answers it. */
interface PathCall {
  readonly of: 'map' | 'all' | 'any';
  readonly edge: number;
  readonly inner: boolean;
  readonly expr: Expr;
  readonly column: Column;
}

/**
 * A pattern is found outside the engine; conditions on one node or edge go along as columns, so that the search follows
 * only what passes. Its rows name the nodes and edges, which then join their properties.
 */
class Match implements Elements {
  private readonly nodeNames: (string | undefined)[] = [];
  private readonly edges: (Omit<PatternEdge, 'where' | 'inner'> & {
    readonly name: string | undefined;
    readonly long: boolean;
  })[] = [];
  private readonly calls: PathCall[] = [];
  private inWhere = false;

  constructor(
    private readonly operator: Node,
    private readonly graph: Graph,
    private readonly cx: Context,
  ) {
    for (const pattern of operator.list('Patterns')) this.sequence(pattern.list('PatternElements'));
    const reached = new Set([0]);
    for (let size = 0; size !== reached.size; ) {
      size = reached.size;
      for (const e of this.edges) if (reached.has(e.from) || reached.has(e.to)) reached.add(e.from).add(e.to);
    }
    if (reached.size < this.nodeNames.length)
      unsupported(operator, 'the sequences of a pattern must share nodes', 'name a node in both');
  }

  private sequence(elements: readonly Node[]): void {
    let before: number | undefined;
    let edge: Node | undefined;
    for (const e of elements) {
      if (e.kind === 'GraphMatchPatternEdge') {
        edge = e;
        continue;
      }
      const at = this.node(e);
      if (edge !== undefined && before !== undefined) this.edge(edge, before, at);
      before = at;
    }
  }

  private node(node: Node): number {
    const name = this.nameOf(node);
    const known = name === undefined ? -1 : this.nodeNames.indexOf(name);
    return known >= 0 ? known : this.nodeNames.push(name) - 1;
  }

  /** A dot ends the name of the element in the names of columns. */
  private nameOf(node: Node): string | undefined {
    const name = node.child('Name')?.name;
    return name?.includes('.') ? unsupported(node, 'a name with a dot in a pattern is not supported') : name;
  }

  private edge(node: Node, from: number, to: number): void {
    const text = node.text.trim();
    const name = this.nameOf(node);
    if (name !== undefined && this.edges.some((e) => e.name === name))
      unsupported(node, `the edge '${name}' stands in the pattern twice`);
    const range = node.child('Range');
    const [min, max] = range ? [bound(range, 'RangeStart', this.cx), bound(range, 'RangeEnd', this.cx)] : [1, 1];
    if (min > max) unsupported(node, `a path of ${min} to ${max} edges does not exist`);
    const direction =
      text.startsWith('<') && text.endsWith('>')
        ? 'any'
        : text.startsWith('<')
          ? 'in'
          : text.endsWith('>')
            ? 'out'
            : 'any';
    this.edges.push({ name, from, to, direction, min, max, long: range !== undefined });
  }

  /** `a.x` in a condition or a result. The x of a path is that of each edge: it must hold for all, or gives an array. */
  property(element: string, property: string, node: Node): Expr | undefined {
    if (this.nodeNames.includes(element)) return this.columnOf(element, this.graph.nodeColumns, property, node);
    const at = this.edges.findIndex((e) => e.name === element);
    if (at < 0) return undefined;
    const found = this.columnOf(element, this.graph.edgeColumns, property, node);
    if (!this.edges[at]!.long || this.inWhere) return found;
    return this.pathCall('map', at, false, column({ name: property, type: found.type }), node);
  }

  private columnOf(element: string, columns: readonly Column[], name: string, node: Node): Expr {
    const found = findColumn(columns, name) ?? unsupported(node, `'${element}' has no property '${name}'`);
    return column({ name: `${element}.${found.name}`, type: found.type }, node.span);
  }

  call(name: string, args: readonly Node[], node: Node, cx: Context): Expr | undefined {
    switch (name) {
      case 'all':
      case 'any':
      case 'map':
        return this.overPath(name, args, node);
      case 'node_degree_in':
      case 'node_degree_out': {
        const degree = name === 'node_degree_in' ? this.graph.degreeIn : this.graph.degreeOut;
        const element = args[0]?.name;
        if (element === undefined) {
          const inside = findColumn(cx.row?.columns ?? [], degree.name);
          return inside ? column(inside, node.span) : unsupported(node, `${name}() wants a node`);
        }
        if (!this.nodeNames.includes(element)) return unsupported(node, `'${element}' is no node of the pattern`);
        return column({ name: `${element}.${degree.name}`, type: degree.type }, node.span);
      }
      case 'labels':
        return literal('dynamic', '[]', node.span);
      default:
        return undefined;
    }
  }

  private overPath(of: PathCall['of'], args: readonly Node[], node: Node): Expr {
    const [path, value] = args as [Node, Node];
    const inner = path.kind === 'FunctionCallExpression' && path.get('Name').name === 'inner_nodes';
    const named = inner ? path.get('ArgumentList').list('Expressions')[0]! : path;
    const at = this.edges.findIndex((e) => e.name !== undefined && e.name === named.name);
    if (at < 0) return unsupported(path, `'${named.text}' is no edge of the pattern`);
    const { graph } = this;
    const columns = inner ? [...graph.nodeColumns, graph.degreeIn, graph.degreeOut] : graph.edgeColumns;
    const expr = lowerExpr(value, { ...withRow(this.cx, columns), elements: this });
    const stranger = [...columnsRead([expr])].find((name) => !findColumn(columns, name));
    if (stranger) return unsupported(value, `${of}() looks at one path only, not at '${stranger}'`);
    if (of !== 'map' && expr.type !== 'bool') return unsupported(value, `${of}() wants a bool, not a ${expr.type}`);
    return this.pathCall(of, at, inner, expr, node);
  }

  private pathCall(of: PathCall['of'], edge: number, inner: boolean, expr: Expr, node: Node): Expr {
    const added: Column = { name: `path:${this.calls.length}`, type: of === 'map' ? 'dynamic' : 'bool' };
    this.calls.push({ of, edge, inner, expr, column: added });
    return column(added, node.span);
  }

  rel(cycles: MatchSettings['cycles'], shortest: MatchSettings['shortest']): Rel {
    const { operator } = this;
    const pair = this.edges[0];
    if (shortest && (this.edges.length !== 1 || !pair!.long || pair!.min > 1))
      return unsupported(
        operator,
        'shortest paths are found for one edge of variable length from 0 or 1 on',
        'graph-match, and arg_min(array_length(…), *) by the ends',
      );
    if (cycles === 'none' && this.edges.length >= this.nodeNames.length)
      return unsupported(operator, 'cycles=none with a pattern that is a cycle', 'cycles=unique_edges');
    this.inWhere = true;
    const inside: Context = { ...this.cx, row: { columns: [] }, elements: this };
    const where = operator.child('WhereClause')?.get('Condition');
    const conditions = where ? conjunctsOf(lowerExpr(where, inside)) : [];
    this.inWhere = false;
    const sorted = this.sorted(conditions, shortest !== undefined);
    const items = namedItems(operator, operator.get('ProjectClause').list('Expressions'), [], inside);
    const read = columnsRead([...sorted.rest, ...items.map((i) => i.expr)]);
    const matches = this.matches(read, sorted, { cycles, shortest });
    const joined = this.withProperties(matches, read);
    const kept = sorted.rest.length ? filter(joined, conjunction(sorted.rest), where!.span) : joined;
    return project(kept, items, operator.span);
  }

  /** Conditions of one node or of every edge of a path go into the search; the rest waits for its rows. */
  private sorted(conditions: readonly Expr[], shortest: boolean) {
    const nodes: Expr[][] = this.nodeNames.map(() => []);
    const edges: Expr[][] = this.edges.map(() => []);
    const inner: Expr[][] = this.edges.map(() => []);
    const rest: Expr[] = [];
    for (const condition of conditions) {
      const path = condition.kind === 'Column' ? this.calls.find((c) => c.column.name === condition.name) : undefined;
      if (path?.of === 'all') {
        (path.inner ? inner : edges)[path.edge]!.push(path.expr);
        continue;
      }
      const elements = new Set([...columnsRead([condition])].map((n) => n.split('.')[0]!));
      const only = elements.size === 1 ? [...elements][0]! : '';
      const at = this.nodeNames.indexOf(only);
      const edge = this.edges.findIndex((e) => e.name === only);
      if (at >= 0) nodes[at]!.push(bare(condition, only));
      else if (edge >= 0) edges[edge]!.push(bare(condition, only));
      else {
        const long = this.edges.find((e) => e.long && e.name !== undefined && elements.has(e.name));
        if (long)
          return unsupported(
            this.operator,
            `a condition compares the path '${long.name}' with something else`,
            'all(), any() or map() over the path',
          );
        if (shortest && [...elements].some((e) => e.startsWith('path:')))
          return unsupported(this.operator, 'shortest paths know no conditions on the whole path but all()');
        rest.push(condition);
      }
    }
    return { nodes, edges, inner, rest };
  }

  private matches(
    read: ReadonlySet<string>,
    sorted: { nodes: Expr[][]; edges: Expr[][]; inner: Expr[][] },
    how: Pick<MatchSettings, 'cycles' | 'shortest'>,
  ): Rel {
    const { graph } = this;
    const added: { readonly column: Column; readonly node?: Expr; readonly edge?: Expr }[] = [];
    const add = (value: Expr, of: 'node' | 'edge'): number => {
      const c: Column = { name: `ask:${added.length}`, type: value.type };
      added.push({ column: c, [of]: value });
      return 3 + added.length;
    };
    const flags = (list: readonly Expr[], of: 'node' | 'edge') => (list.length ? [add(conjunction(list), of)] : []);
    const wanted = this.calls.filter((c) => read.has(c.column.name));
    const nodes = sorted.nodes.map((list) => ({ where: flags(list, 'node') }));
    const edges = this.edges.map(({ name: _, long: __, ...e }, i) => ({
      ...e,
      where: flags(sorted.edges[i]!, 'edge'),
      inner: flags(sorted.inner[i]!, 'node'),
    }));
    const outputs: MatchOutput[] = [];
    const columns: Column[] = [];
    const put = (output: MatchOutput, c: Column) => {
      outputs.push(output);
      columns.push(c);
    };
    const isRead = (name: string | undefined) => name !== undefined && [...read].some((r) => r.startsWith(`${name}.`));
    for (const [at, name] of this.nodeNames.entries())
      if (at === 0 || isRead(name)) put({ of: 'node', at }, { name: `node:${at}`, type: graph.key.type });
    for (const [at, e] of this.edges.entries())
      if (!e.long && isRead(e.name)) put({ of: 'edge', at }, { name: `edge:${at}`, type: 'long' });
    for (const c of wanted) {
      const value = c.of === 'map' ? call('pack_array', 'dynamic', [c.expr]) : c.expr;
      put({ of: c.of, at: c.edge, inner: c.inner, column: add(value, c.inner ? 'node' : 'edge') }, c.column);
    }
    const settings: MatchSettings = { nodes, edges, outputs, ...how };
    const sent = sentGraph(graph, added);
    const part = graph.part ? [graph.part] : [];
    return {
      kind: 'Hosted',
      input: sent,
      operation: { name: 'graph-match', settings, per: part.length },
      columns: [...part, ...columns],
      span: this.operator.span,
    };
  }

  private withProperties(matches: Rel, read: ReadonlySet<string>): Rel {
    const { graph } = this;
    const part = graph.part ? [graph.part] : [];
    let rel = matches;
    const join = (element: string, rows: Rel, key: Column, mine: Column) => {
      const prefix = `${element}.`;
      const names = [...read].filter((r) => r.startsWith(prefix)).map((r) => r.slice(prefix.length));
      if (names.length === 0) return;
      const keys = [...part, key].map((k) => ({ name: `key:${k.name}`, type: k.type, of: k }));
      const items: NamedExpr[] = [
        ...keys.map((k) => ({ name: k.name, expr: column(k.of) })),
        ...names.map((n) => ({ name: `${prefix}${n}`, expr: column(rows.columns.find((c) => c.name === n)!) })),
      ];
      const joined = joinOf(
        'inner',
        rel,
        project(rows, items),
        keys.map((k, i) => ({ left: column(i < part.length ? part[i]! : mine), right: column(k) })),
      );
      rel = project(joined, passOn(joined.columns.filter((c) => !c.name.startsWith('key:'))));
    };
    for (const [at, name] of this.nodeNames.entries())
      if (name !== undefined) join(name, graph.nodes, graph.key, { name: `node:${at}`, type: graph.key.type });
    for (const [at, e] of this.edges.entries())
      if (e.name !== undefined && !e.long) join(e.name, graph.edges, graph.id, { name: `edge:${at}`, type: 'long' });
    return rel;
  }
}

/** Nodes and edges as the rows of one table, with what the search asks of them. */
export function sentGraph(
  graph: Graph,
  added: readonly { readonly column: Column; readonly node?: Expr; readonly edge?: Expr }[],
): Rel {
  const part = graph.part ? passOn([graph.part]) : [];
  const leg = (rel: Rel, isEdge: boolean): Rel =>
    project(rel, [
      ...part,
      { name: 'graph:edge', expr: literal('bool', isEdge) },
      { name: 'graph:id', expr: isEdge ? column(graph.id) : literal('long', null) },
      { name: 'graph:from', expr: column(isEdge ? graph.from : graph.key) },
      { name: 'graph:to', expr: column(isEdge ? graph.to : graph.key) },
      ...added.map((a) => ({
        name: a.column.name,
        expr: (isEdge ? a.edge : a.node) ?? literal(a.column.type, null),
      })),
    ]);
  const legs = [leg(graph.nodes, false), leg(graph.edges, true)];
  return { kind: 'Union', inputs: legs, columns: legs[0]!.columns };
}

function bound(range: Node, end: 'RangeStart' | 'RangeEnd', cx: Context): number {
  const value = range.child(end);
  const n = value && literalValue(lowerExpr(value, { ...cx, row: undefined }));
  return typeof n === 'bigint' && n >= 0n && n <= 1_000n
    ? Number(n)
    : unsupported(range, 'a path wants a least and a most number of edges, at most 1000');
}

/** The condition over the rows of the nodes or edges themselves. */
const bare = (e: Expr, element: string): Expr =>
  mapExpr(e, (x) => (x.kind === 'Column' ? { ...x, name: x.name.slice(element.length + 1) } : x));
