import { call, conjunction, type Expr, literal, literalValue, type NamedExpr, type Rel } from '../../ir/index.js';
import type { Node } from '../../kql/index.js';
import type { KqlType } from '../../tables/index.js';
import { type Context, unsupported, withRow } from '../context.js';
import { lowerExpr } from '../expression.js';
import { lowerLiteral } from '../literal.js';
import { extend, filter } from '../rel-helpers.js';
import type { LowerOperator } from './index.js';
import { parametersOf } from './union.js';

/** What a typed column of a pattern may match. */
const typePatterns: Partial<Record<KqlType, string>> = {
  long: '\\s*-?\\d+\\s*',
  int: '\\s*-?\\d+\\s*',
  real: '\\s*-?\\d+(?:\\.\\d+)?(?:[eE][-+]?\\d+)?\\s*',
  decimal: '\\s*-?\\d+(?:\\.\\d+)?\\s*',
  bool: '\\s*(?:true|false|True|False|0|1)\\s*',
};

/** What of these types may stand before a star, where no text tells the end. */
const openPatterns: Partial<Record<KqlType, string>> = {
  ...typePatterns,
  datetime: '\\s*\\d[-\\d/:.TZ+]*(?: \\d[\\d:.]*Z?)?',
  timespan: '\\s*-?\\d[\\d.:]*',
  guid: '\\s*[0-9a-fA-F-]{32,36}',
};

interface Capture {
  readonly name: string;
  readonly type: KqlType;
}

export const parse: LowerOperator = (node, input, cx) => extend(input, captures(node, input, cx).items);

/** Like parse, but rows that do not match are dropped. */
export const parseWhere: LowerOperator = (node, input, cx) => {
  const { items, matches } = captures(node, input, cx);
  return extend(filter(input, matches), items);
};

function captures(node: Node, input: Rel, cx: Context): { items: NamedExpr[]; matches: Expr } {
  const parameters = parametersOf(node);
  const kind = parameters.get('kind')?.text.toLowerCase() ?? 'simple';
  const flags = parameters.get('flags')?.text ?? '';
  const value = lowerExpr(node.get('Expression'), withRow(cx, input.columns));
  const text = value.type === 'string' ? value : call('tostring', 'string', [value]);
  const { regex, columns } = pattern(node.list('Patterns'), kind, node, cx);
  const options = [
    ...new Set(`s${/U/.test(flags) ? 'U' : ''}${/i/.test(flags) ? 'i' : ''}${/m/.test(flags) ? 'm' : ''}`),
  ].join('');
  // A star at an end allows any text there: without the anchor the engine may look for the first literal at once.
  const anchored = `^${regex}$`.replace(/^\^\.\*\?/, '').replace(/(?<!\\)\.\*\$$/, '');
  const compiled = literal('string', `(?${options})${kind === 'regex' ? regex : anchored}`);
  const items = columns.map(({ name, type }, i): NamedExpr => {
    const captured = call('extract', 'string', [compiled, literal('long', BigInt(i + 1)), text]);
    return { name, expr: type === 'string' ? captured : call(`to${type}`, type, [captured]) };
  });
  const matches = call('matches regex', 'bool', [text, compiled]);
  // What a pattern cannot check, such as a date, the conversion does; in `simple` one bad value spoils the row.
  const checked = items.filter((i) => kind === 'simple' && !typePatterns[i.expr.type] && i.expr.type !== 'string');
  if (checked.length === 0) return { items, matches };
  const valid = conjunction(checked.map((i) => call('isnotnull', 'bool', [i.expr])));
  const spoiled = (type: KqlType) => literal(type, type === 'string' ? '' : null);
  return {
    items: items.map(({ name, expr }) => ({ name, expr: call('iff', expr.type, [valid, expr, spoiled(expr.type)]) })),
    matches: conjunction([matches, valid]),
  };
}

/**
 * One regular expression for the whole pattern. In `simple` a typed column that does not match makes the whole row fail;
 * in `relaxed` it becomes null alone, so it may match anything up to the next text, or nothing before a star.
 */
function pattern(parts: readonly Node[], kind: string, node: Node, cx: Context): { regex: string; columns: Capture[] } {
  const columns: Capture[] = [];
  let regex = '';
  parts.forEach((part, i) => {
    const last = i === parts.length - 1;
    if (part.kind === 'StarExpression') {
      regex += kind === 'regex' || last ? '.*' : '.*?';
      return;
    }
    const declared = declaration(part, cx);
    if (declared) {
      columns.push(declared);
      const open = parts[i + 1]?.kind === 'StarExpression' ? openPatterns[declared.type] : undefined;
      const strict = kind === 'regex' ? typePatterns[declared.type] : (open ?? typePatterns[declared.type]);
      const typed = kind === 'relaxed' ? open && `(?:${open})?` : strict;
      // Under kind=regex the author's own flags decide about greed; `U` turns it round.
      regex += `(${typed ?? (kind === 'regex' || last ? '.*' : '.*?')})`;
      return;
    }
    const text = literalValue(lowerLiteral(part) ?? lowerExpr(part, { ...cx, row: { columns: [] } }));
    if (typeof text !== 'string') unsupported(part, 'a pattern is made of texts, columns and *');
    regex +=
      kind === 'regex' ? `(?:${text.replace(/\((?!\?)/g, '(?:')})` : text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  });
  if (columns.length === 0) unsupported(node, 'the pattern names no column');
  return { regex, columns };
}

function declaration(part: Node, cx: Context): Capture | undefined {
  if (part.kind === 'NameAndTypeDeclaration') {
    return { name: part.get('Name').name, type: typeOf(part.get('Type').text) };
  }
  if (part.kind === 'NameDeclaration') return { name: part.name, type: 'string' };
  if (part.kind === 'NameReference' && !cx.scope.find(part.name)) return { name: part.name, type: 'string' };
  return undefined;
}

const aliases: Record<string, KqlType> = {
  double: 'real',
  int64: 'long',
  int32: 'int',
  boolean: 'bool',
  date: 'datetime',
  time: 'timespan',
  uuid: 'guid',
};
const typeOf = (text: string): KqlType => aliases[text.toLowerCase()] ?? (text.toLowerCase() as KqlType);
