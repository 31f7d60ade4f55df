import { type Expr, type Literal, literal, literalValue, type Rel, type Values } from '../ir/index.js';
import type { Node } from '../kql/index.js';
import type { Column, KqlType } from '../tables/index.js';
import { type Context, unsupported } from './context.js';
import { lowerExpr } from './expression.js';
import { externalDataTable, inlineExternalTable } from './external.js';
import { namedItems } from './naming.js';
import { lowerFind } from './operators/find.js';
import { lowerSearch } from './operators/search.js';
import { lowerUnion } from './operators/union.js';
import { project } from './rel-helpers.js';
import { scanTable } from './scan.js';
import { watchlist, watchlistAliases } from './watchlist.js';

/** One row without columns, the start of `print`. */
export const oneRow: Values = { kind: 'Values', columns: [], rows: [[]] };

/** Where a pipeline can start. Keys are kinds of nodes, and names of functions that give tables. */
export const sources: Record<string, (node: Node, cx: Context) => Rel> = {
  DataTableExpression: datatable,
  ExternalDataExpression: externalDataTable,
  InlineExternalTableExpression: inlineExternalTable,
  FindOperator: lowerFind,
  PrintOperator: (node, cx) =>
    project(oneRow, namedItems(node, node.list('Expressions'), [], { ...cx, row: { columns: [] } })),
  RangeOperator: (node, cx) => {
    const outside: Context = { ...cx, row: { columns: [] } };
    const from = lowerExpr(node.get('From'), outside);
    const to = lowerExpr(node.get('To'), outside);
    const step = lowerExpr(node.get('Step'), outside);
    const type: KqlType = node.columns?.[0]?.type ?? from.type;
    return { kind: 'Range', from, to, step, columns: [{ name: node.get('Name').name, type }], span: node.span };
  },
  SearchOperator: (node, cx) => lowerSearch(node, undefined, cx),
  UnionOperator: (node, cx) => lowerUnion(node, undefined, cx),
  table: (node, cx) => {
    const name = literalValue(lowerExpr(node.get('ArgumentList').list('Expressions')[0]!, cx));
    if (typeof name !== 'string') return unsupported(node, 'table() wants a literal name');
    const binding = cx.scope.find(name);
    return binding?.kind === 'rel' ? binding.get() : scanTable(node, name, cx);
  },
  _GetWatchlist: watchlist,
  _GetWatchlistAlias: watchlistAliases,
};

/** Functions in `sources`. */
export const isOperator = (name: string): boolean => functionNames.has(name);

const functionNames = new Set(['table', '_GetWatchlist', '_GetWatchlistAlias']);

function datatable(node: Node, cx: Context): Rel {
  const columns: Column[] = node
    .get('Schema')
    .list('Columns')
    .map((c) => ({
      name: c.get('Name').name,
      type: c.get('Type').text.toLowerCase() as KqlType,
    }));
  const types = node.columns;
  const typed = columns.map((c, i) => ({ name: c.name, type: types?.[i]?.type ?? c.type }));
  const cells = node.list('Values').map((v) => lowerExpr(v, { ...cx, row: { columns: [] } }));
  if (typed.length === 0 || cells.length % typed.length !== 0) {
    return unsupported(node, 'the number of values is no multiple of the number of columns');
  }
  const rows: Literal[][] = [];
  for (let i = 0; i < cells.length; i += typed.length) {
    rows.push(typed.map((c, k) => cell(cells[i + k]!, c.type, node)));
  }
  return { kind: 'Values', columns: typed, rows, span: node.span };
}

function cell(expr: Expr, type: KqlType, node: Node): Literal {
  if (expr.kind !== 'Literal') return unsupported(node, 'datatable holds literals only');
  if (expr.type === type) return expr;
  const v = expr.value;
  if (v === null) return literal(type, type === 'string' ? '' : null);
  if (type === 'real' && (typeof v === 'bigint' || typeof v === 'number')) return literal(type, Number(v));
  if ((type === 'long' || type === 'int') && typeof v === 'bigint') return literal(type, v);
  if ((type === 'long' || type === 'int') && typeof v === 'number') return literal(type, BigInt(Math.trunc(v)));
  if (type === 'decimal' && /^-?\d/.test(String(v)) && Number.isFinite(Number(v))) return literal(type, String(v));
  if (type === 'bool' && typeof v === 'bigint') return literal(type, v !== 0n);
  if (type === 'dynamic' && expr.type === 'string') return literal(type, JSON.stringify(v));
  if (
    type === 'dynamic' &&
    (expr.type === 'long' || expr.type === 'bool' || expr.type === 'int' || expr.type === 'real')
  )
    return literal(type, String(v));
  if (type === 'string' && expr.type === 'dynamic') return literal(type, String(v));
  return unsupported(node, `a ${expr.type} does not fit the ${type} column`);
}
