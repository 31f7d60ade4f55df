import { call, column, conjunction, type Expr, literal, literalValue, type NamedExpr, type Rel } from '../ir/index.js';
import { type Node, watchlistAliasColumns, watchlistItemColumns } from '../kql/index.js';
import { type Column, watchlistProvider } from '../tables/index.js';
import { type Context, unsupported } from './context.js';
import { lowerExpr } from './expression.js';
import { project } from './rel-helpers.js';
import { scanTable } from './scan.js';

/**
 * The items of a watchlist as they are now, whatever the window of the run: its CSV columns beside SearchKey. An unknown
 * alias is an empty list. A second argument names the columns that are wanted.
 */
export function watchlist(node: Node, cx: Context): Rel {
  const [first, second] = node.get('ArgumentList').list('Expressions');
  const alias = literalValue(lowerExpr(first!, cx));
  if (typeof alias !== 'string') return unsupported(node, '_GetWatchlist wants a literal alias');
  if (cx.session.watchlist(alias).length === 0)
    cx.session.notices.push({
      code: 'KQL1001',
      severity: 'warning',
      message: `no source for the watchlist '${alias}': it is empty`,
      span: node.span,
    });
  const wanted = second && columnNames(second, cx);
  const named = new Map<string, Column>();
  for (const c of [...watchlistItemColumns, ...cx.session.watchlist(alias), ...(node.columns ?? [])])
    if (!named.has(c.name)) named.set(c.name, c);
  const fixed = new Set(watchlistItemColumns.map((c) => c.name));
  const columns = [...named.values()].filter((c) => fixed.has(c.name) || !wanted?.size || wanted.has(c.name));
  if (!cx.session.table('Watchlist')) return { kind: 'Values', columns, rows: [], span: node.span };
  const ofAlias = (col: Col) => call('=~', 'bool', [col('WatchlistAlias'), literal('string', alias)]);
  const live = cx.session.ownWatchlist(alias)
    ? ownItems(node, cx, ofAlias)
    : newest(node, cx, 'watchlist-item', '_DTItemId', ['SearchKey', 'WatchlistItem'], (col) =>
        call('and', 'bool', [
          ofAlias(col),
          call('!=', 'bool', [col('Provider'), literal('string', watchlistProvider)]),
        ]),
      );
  const items: NamedExpr[] = columns.map((c) => ({
    name: c.name,
    expr: fixed.has(c.name)
      ? column(live.columns.find((n) => n.name === c.name)!)
      : call(`to${c.type}`, c.type, [
          call('.', 'dynamic', [column({ name: 'WatchlistItem', type: 'dynamic' }), literal('string', c.name)]),
        ]),
  }));
  return project(live, items, node.span);
}

/** The aliases of all watchlists. */
export function watchlistAliases(node: Node, cx: Context): Rel {
  const columns = watchlistAliasColumns;
  if (!cx.session.table('Watchlist')) return { kind: 'Values', columns, rows: [], span: node.span };
  const live = newest(node, cx, 'watchlist', 'WatchlistId', ['WatchlistAlias']);
  const alias = column({ name: 'WatchlistAlias', type: 'string' });
  return project(live, [{ name: 'WatchlistAlias', expr: alias }], node.span);
}

type Col = (name: string) => Expr;

/**
 * The items of a list that Vedette keeps. An item of such a list never changes: a row is created once and may be deleted
 * once, and a time in the row of the list ends all that came before. So nothing has to be grouped, and conditions reach the
 * table: a list of a million rows is asked for one key in a fraction of the time.
 */
function ownItems(node: Node, cx: Context, ofAlias: (col: Col) => Expr): Rel {
  const item = column({ name: 'WatchlistItem', type: 'dynamic' });
  const heads = rowsOf(node, cx, 'watchlist', ofAlias);
  const typed = { name: 'WatchlistItem', type: 'dynamic' } as const;
  const head: Rel = {
    kind: 'Aggregate',
    input: heads.rel,
    keys: [],
    calls: [
      {
        name: typed.name,
        call: { ...typed, name: 'arg_max_value', args: [heads.col('_DTTimestamp'), heads.col(typed.name)] },
      },
    ],
    columns: [typed],
  };
  const since = call('todatetime', 'datetime', [call('.', 'dynamic', [item, literal('string', 'since')])]);
  const from: Expr = {
    kind: 'ScalarSubquery',
    type: 'datetime',
    rel: project(head, [{ name: 'since', expr: since }], node.span),
  };
  const created = rowsOf(node, cx, 'watchlist-item', ofAlias, 'Create');
  const deleted = rowsOf(node, cx, 'watchlist-item', ofAlias, 'Delete');
  const isDeleted: Expr = {
    kind: 'InSubquery',
    type: 'bool',
    value: created.col('_DTItemId'),
    ignoreCase: false,
    rel: project(deleted.rel, [{ name: '_DTItemId', expr: deleted.col('_DTItemId') }], node.span),
  };
  return {
    kind: 'Filter',
    input: created.rel,
    columns: created.rel.columns,
    predicate: call('and', 'bool', [
      call('>=', 'bool', [created.col('TimeGenerated'), from]),
      call('not', 'bool', [isDeleted]),
    ]),
  };
}

/** The newest row of each value of `key`, without those that are deleted. */
function newest(
  node: Node,
  cx: Context,
  itemType: string,
  key: string,
  carried: readonly string[],
  condition?: (col: Col) => Expr,
): Rel {
  const { rel: mine, col } = rowsOf(node, cx, itemType, condition);
  const typeOf = (name: string) => mine.columns.find((c) => c.name === name)!;
  const values = [...carried, '_DTItemStatus'];
  const folded: Rel = {
    kind: 'Aggregate',
    input: mine,
    keys: [{ name: key, expr: col(key) }],
    calls: [
      { name: 'LastUpdatedTimeUTC', call: { name: 'max', type: 'datetime', args: [col('LastUpdatedTimeUTC')] } },
      ...values.map((name) => ({
        name,
        call: { name: 'arg_max_value', type: typeOf(name).type, args: [col('_DTTimestamp'), col(name)] },
      })),
    ],
    columns: [
      { name: key, type: 'string' },
      { name: 'LastUpdatedTimeUTC', type: 'datetime' },
      ...values.map((name) => ({ name, type: typeOf(name).type })),
    ],
  };
  const status = column({ name: '_DTItemStatus', type: 'string' });
  return {
    kind: 'Filter',
    input: folded,
    columns: folded.columns,
    predicate: call('!=', 'bool', [status, literal('string', 'Delete')]),
  };
}

/** Rows of Watchlist of one type, and with one status when it is given, over all time. */
function rowsOf(
  node: Node,
  cx: Context,
  itemType: string,
  condition: ((col: Col) => Expr) | undefined,
  status?: string,
): { readonly rel: Rel; readonly col: Col } {
  const table = scanTable(node, 'Watchlist', cx);
  const scan: Rel = table.kind === 'Scan' ? { ...table, windowless: true } : table;
  const col: Col = (name) => column(scan.columns.find((c) => c.name === name)!);
  const conditions = [
    ...(condition ? [condition(col)] : []),
    call('==', 'bool', [col('_DTItemType'), literal('string', itemType)]),
    ...(status ? [call('==', 'bool', [col('_DTItemStatus'), literal('string', status)])] : []),
  ];
  return { rel: { kind: 'Filter', input: scan, columns: scan.columns, predicate: conjunction(conditions) }, col };
}

function columnNames(node: Node, cx: Context): Set<string> {
  const value = literalValue(lowerExpr(node, cx));
  const names = typeof value === 'string' ? safeParse(value) : undefined;
  if (Array.isArray(names) && names.every((name) => typeof name === 'string')) return new Set(names);
  return unsupported(node, "_GetWatchlist wants the columns as a literal list, such as dynamic(['Name'])");
}

function safeParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
