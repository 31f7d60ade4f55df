import { call, column, type Expr } from '../ir/index.js';
import type { Node } from '../kql/index.js';
import type { Column } from '../tables/index.js';
import { type Context, unsupported } from './context.js';

/** The column that names a row's table in the result of a search; no column to search in. */
export const tableColumn = '$table';

export const asText = (value: Expr): Expr =>
  value.type === 'string' ? value : call('tostring', 'string', [value], value.span);

/** A test that some column passes. */
export function anyColumn(columns: readonly Column[], test: (c: Column) => Expr): Expr {
  const tests = columns.filter((c) => !c.hidden && c.name !== tableColumn).map(test);
  return tests.length === 1 ? tests[0]! : call('or', 'bool', tests);
}

/** `* has "x"`: some column has it; `* !has "x"`: none has. */
export function starTest(node: Node, operator: string, right: Expr, cx: Context): Expr {
  const negated = operator.startsWith('!');
  const positive = operator.replace(/^!/, '').replace(/^=$/, '==').replace(/^~$/, '=~');
  if (!/^(has|hasprefix|hassuffix|contains|startswith|endswith)(_cs)?$|^(==|=~|matches regex)$/.test(positive))
    return unsupported(node, `${operator} over every column is not supported`);
  const any = anyColumn(cx.row?.columns ?? [], (c) => call(positive, 'bool', [asText(column(c)), right], node.span));
  return negated ? call('not', 'bool', [any], node.span) : any;
}
