import { fail } from '../../base/index.js';
import { call, column, type Expr, literal, type Rel } from '../../ir/index.js';
import type { Node } from '../../kql/index.js';
import type { Column } from '../../tables/index.js';
import { anyColumn, asText, tableColumn } from '../any-column.js';
import { type Context, columnNamed, unsupported, withRow } from '../context.js';
import { lowerExpr } from '../expression.js';
import { callTabularFunction } from '../functions.js';
import { filter } from '../rel-helpers.js';
import { scanTable } from '../scan.js';
import { type Leg, legsOf, parametersOf, sourceOf, unite } from './union.js';

/** `search`, after a pipe or first in a query over named tables. A bare text is looked for in every column. */
export function lowerSearch(node: Node, input: Rel | undefined, cx: Context): Rel {
  const named = node.child('InClause')?.list('Expressions') ?? [];
  const legs = input
    ? [{ name: sourceOf(input) ?? 'search_arg0', rel: input }]
    : named.length
      ? named.flatMap((e, i) => legsOf(e, { ...cx, steps: undefined }, false, i))
      : everyTable(node, cx);
  const rows = unite(legs, tableColumn, false, node);
  const exact = parametersOf(node).get('kind')?.text.toLowerCase() === 'case_sensitive';
  return filter(
    rows,
    new Search(rows.columns, exact, withRow(cx, rows.columns)).predicate(node.get('Condition')),
    node.span,
  );
}

/** Tables that exist; one that does not holds nothing to find. */
export function everyTable(node: Node, cx: Context): Leg[] {
  const views = cx.scope.views().map((name) => ({ name, rel: callTabularFunction(node, name, cx)! }));
  const tables = cx.session
    .tableNames()
    .filter((name) => cx.session.table(name))
    .map((name) => ({ name, rel: scanTable(node, name, cx) }));
  const legs = [...views, ...tables];
  if (legs.length > 0) return legs;
  return fail('KQL1001', 'there is no table to search in', { span: node.span, hint: 'ingest records first' });
}

/** Conditions in which a bare text means every column. */
export class Search {
  constructor(
    private readonly columns: readonly Column[],
    private readonly exact: boolean,
    private readonly cx: Context,
  ) {}

  predicate(node: Node): Expr {
    switch (node.kind) {
      case 'ParenthesizedExpression':
        return this.predicate(node.get('Expression'));
      case 'AndExpression':
      case 'OrExpression':
        return call(node.kind === 'AndExpression' ? 'and' : 'or', 'bool', [
          this.predicate(node.get('Left')),
          this.predicate(node.get('Right')),
        ]);
      case 'StringLiteralExpression':
      case 'CompoundStringLiteralExpression':
        return anyColumn(this.columns, (c) => this.holds(column(c), node));
      case 'StarExpression':
        return literal('bool', true);
      case 'SearchExpression': {
        const left = node.get('Left');
        return this.holds(columnNamed(this.cx, left, left.name), node.get('Right'));
      }
    }
    return lowerExpr(node, this.cx);
  }

  /** A text is a whole term; stars at its ends make it the start, the end or any part of one. */
  private holds(value: Expr, text: Node): Expr {
    const pattern = String(text.literalValue ?? '');
    const [, before, term = '', after] = /^(\*?)([\s\S]*?)(\*?)$/.exec(pattern)!;
    if (term === '') return literal('bool', true);
    if (term.includes('*')) return unsupported(text, 'a star within a text is not supported', 'use matches regex');
    const operator = before && after ? 'contains' : before ? 'hassuffix' : after ? 'hasprefix' : 'has';
    const name = this.exact ? `${operator}_cs` : operator;
    return call(name, 'bool', [asText(value), literal('string', term)], text.span);
  }
}
