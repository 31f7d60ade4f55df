import { parseTree, syntaxErrors } from './syntax.js';

/**
 * Whether a text is one condition and nothing else: between parentheses it stays one expression of a `where`. So it can
 * stand in a query without adding an operator, a statement or a comment that reaches further.
 */
export function isCondition(text: string): boolean {
  const head = 'T | where (';
  const query = `${head}\n${text}\n)`;
  if (syntaxErrors(query).length > 0) return false;
  const statements = parseTree(query).list('Statements');
  const pipe = statements.length === 1 ? statements[0]!.child('Expression') : undefined;
  const operator = pipe?.kind === 'PipeExpression' ? pipe.child('Operator') : undefined;
  const condition = operator?.kind === 'FilterOperator' ? operator.child('Condition') : undefined;
  return (
    pipe?.child('Expression')?.kind === 'NameReference' &&
    condition?.kind === 'ParenthesizedExpression' &&
    condition.span.start === head.length - 1 &&
    condition.span.end === query.length
  );
}
