import { column, type NamedExpr } from '../../ir/index.js';
import type { Node } from '../../kql/index.js';
import type { Column } from '../../tables/index.js';
import { type Context, columnNamed, findColumn, unsupported, withRow } from '../context.js';
import { namedItems } from '../naming.js';
import { passOn, project } from '../rel-helpers.js';
import { windowed } from '../window-calls.js';
import type { LowerOperator } from './index.js';

export const projectOperator: LowerOperator = (node, input, cx) => {
  const items = namedItems(node, node.list('Expressions'), [], withRow(cx, input.columns));
  return windowed(project(input, withPartition(items, cx)), cx);
};

/** Inside mv-apply the columns that tell the groups apart must survive. */
function withPartition(items: readonly NamedExpr[], cx: Context): readonly NamedExpr[] {
  const missing = (cx.per ?? []).filter((p) => !items.some((i) => i.name === p.name));
  return [...items, ...passOn(missing)];
}

export const projectAway: LowerOperator = (node, input, cx) => {
  const gone = new Set(node.list('Expressions').flatMap((e) => matching(e, input.columns)));
  const kept = input.columns.filter((c) => !gone.has(c.name) || cx.per?.some((p) => p.name === c.name));
  return project(input, passOn(kept), undefined, true);
};

export const projectKeep: LowerOperator = (node, input, cx) => {
  const kept = new Set(node.list('Expressions').flatMap((e) => matching(e, input.columns)));
  const columns = input.columns.filter((c) => kept.has(c.name) || cx.per?.some((p) => p.name === c.name));
  return project(input, passOn(columns));
};

export const projectRename: LowerOperator = (node, input, cx) => {
  const renamed = new Map<string, string>();
  for (const e of node.list('Expressions')) {
    if (e.kind !== 'SimpleNamedExpression') unsupported(e, 'project-rename wants new = old');
    const old = e.get('Expression');
    columnNamed(withRow(cx, input.columns), old, old.name);
    renamed.set(old.name, e.get('Name').name);
  }
  const target = new Set(renamed.values());
  const items = input.columns
    .filter((c) => renamed.has(c.name) || !target.has(c.name))
    .map((c): NamedExpr => ({ name: renamed.get(c.name) ?? c.name, expr: column(c) }));
  return project(input, items, undefined, true);
};

export const projectReorder: LowerOperator = (node, input) => {
  const first: string[] = [];
  for (const e of node.list('Expressions')) {
    const ordering = e.child('Ordering')?.text;
    let names = matching(e.kind === 'OrderedExpression' ? e.get('Expression') : e, input.columns).filter(
      (n) => !first.includes(n),
    );
    if (ordering)
      names = [...names].sort(ordering.includes('desc') ? (a, b) => (a < b ? 1 : -1) : (a, b) => (a < b ? -1 : 1));
    first.push(...names);
  }
  const rest = input.columns.filter((c) => !first.includes(c.name));
  return project(input, passOn([...first.map((n) => findColumn(input.columns, n)!), ...rest]), undefined, true);
};

/** Names that a column or wildcard pattern means. A wildcard leaves hidden columns alone; a name must exist. */
function matching(node: Node, columns: readonly Column[]): string[] {
  const pattern = node.kind === 'StarExpression' ? '*' : node.name;
  if (pattern.includes('*')) {
    const regex = new RegExp(
      `^${pattern
        .split('*')
        .map((p) => p.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
        .join('.*')}$`,
    );
    return columns.filter((c) => !c.hidden && regex.test(c.name)).map((c) => c.name);
  }
  const found = findColumn(columns, pattern);
  return found ? [found.name] : unsupported(node, `there is no column '${pattern}' here`);
}
