import { fail, formatDatetime, formatReal, formatTimespan, parseDatetime, parseTimespan } from '../base/index.js';
import { type Literal, literal } from '../ir/index.js';
import type { Node } from '../kql/index.js';
import type { KqlType } from '../tables/index.js';

/** The text between the parentheses of `int(…)`, or the whole text of a bare literal. */
function inner(node: Node): string {
  return (/^[a-z0-9_]+\s*\(([\s\S]*)\)$/i.exec(node.text)?.[1] ?? node.text).trim();
}

const unquoted = (text: string) => text.replace(/^(["'])([\s\S]*)\1$/, '$2');

const readers: Record<string, (node: Node) => Literal | undefined> = {
  StringLiteralExpression: (n) => literal('string', String(n.literalValue), n.span),
  CompoundStringLiteralExpression: (n) => literal('string', String(n.literalValue), n.span),
  LongLiteralExpression: (n) => whole(n, 'long', 63n),
  IntLiteralExpression: (n) => whole(n, 'int', 31n),
  RealLiteralExpression: (n) => real(n),
  DecimalLiteralExpression: (n) => literal('decimal', Number.isNaN(Number(inner(n))) ? null : inner(n), n.span),
  BooleanLiteralExpression: (n) => {
    const t = inner(n).toLowerCase();
    return literal('bool', t === 'true' || t === '1' ? true : t === 'false' || t === '0' ? false : null, n.span);
  },
  DateTimeLiteralExpression: (n) => timeLiteral(n, 'datetime', parseDatetime),
  TimespanLiteralExpression: (n) => timeLiteral(n, 'timespan', parseTimespan),
  GuidLiteralExpression: (n) => literal('guid', inner(n) === 'null' ? null : unquoted(inner(n)).toLowerCase(), n.span),
  NullLiteralExpression: (n) => literal('dynamic', null, n.span),
  UnaryMinusExpression: smallestLong,
  // `typeof(int)` as an argument; the binder has already drawn the type of the call from it.
  TypeOfLiteralExpression: (n) => literal('string', inner(n), n.span),
  DynamicExpression: (n) => literal('dynamic', nullable(jsonText(n.get('Expression'))), n.span),
};

/** Reads a literal; undefined for any other expression. */
export const lowerLiteral = (node: Node): Literal | undefined => readers[node.kind]?.(node);

/** Without its sign the number would fit no long. */
function smallestLong(node: Node): Literal | undefined {
  return /^-\s*9223372036854775808$/.test(node.text) ? literal('long', -(1n << 63n), node.span) : undefined;
}

const nullable = (json: string) => (json === 'null' ? null : json);

function whole(node: Node, type: KqlType, bits: bigint): Literal {
  const t = inner(node);
  if (t === 'null') return literal(type, null, node.span);
  if (!/^-?(\d+|0x[0-9a-f]+)$/i.test(t)) {
    if (/^-?\d+\.\d+$/.test(t)) return literal(type, BigInt(Math.trunc(Number(t))), node.span);
    fail('KQL1002', `'${t}' is not a whole number`, { span: node.span });
  }
  let value = BigInt(t.replace('-', '')) * (t.startsWith('-') ? -1n : 1n);
  // Hexadecimal literals name the bits: 0xffffffffffffffff is -1.
  if (/0x/i.test(t)) value = BigInt.asIntN(Number(bits) + 1, value);
  if (value > (1n << bits) - 1n || value < -(1n << bits))
    fail('KQL1002', `${t} does not fit ${type}`, { span: node.span });
  return literal(type, value, node.span);
}

function real(node: Node): Literal {
  const t = inner(node).toLowerCase();
  const named: Record<string, number | null> = {
    null: null,
    nan: Number.NaN,
    '+inf': Infinity,
    inf: Infinity,
    '-inf': -Infinity,
  };
  return literal('real', t in named ? named[t]! : Number(t), node.span);
}

function timeLiteral(node: Node, type: 'datetime' | 'timespan', parse: (t: string) => bigint | undefined): Literal {
  const t = unquoted(inner(node));
  if (t === 'null') return literal(type, null, node.span);
  // `datetime(2025, 6, 14)` is read too.
  const value = parse(type === 'datetime' ? t.replace(/^(\d{4}),\s*(\d{1,2}),\s*(\d{1,2})$/, '$1-$2-$3') : t);
  if (value === undefined) fail('KQL1002', `'${t}' is not a ${type}`, { span: node.span });
  return literal(type, value, node.span);
}

/** JSON text of what stands inside `dynamic(…)`. Datetimes and timespans become their texts, as Kusto stores them. */
function jsonText(node: Node): string {
  switch (node.kind) {
    case 'JsonArrayExpression':
      return `[${node.list('Values').map(jsonText).join(',')}]`;
    case 'JsonObjectExpression':
      return `{${node
        .list('Pairs')
        .map((p) => `${JSON.stringify(decodeString(p.get('Name').text))}:${jsonText(p.get('Value'))}`)
        .join(',')}}`;
    case 'UnaryMinusExpression':
      return smallestLong(node)?.value?.toString() ?? `-${jsonText(node.get('Expression'))}`;
    case 'DynamicExpression':
      return jsonText(node.get('Expression'));
  }
  const value = lowerLiteral(node);
  if (!value) fail('KQL1002', 'a dynamic literal holds literals only', { span: node.span });
  if (value.value === null) return 'null';
  switch (value.type) {
    case 'long':
    case 'int':
    case 'bool':
      return String(value.value);
    case 'real':
      return Number.isFinite(value.value) ? formatReal(value.value as number) : 'null';
    case 'decimal':
      return JSON.stringify(String(value.value));
    case 'datetime':
      return JSON.stringify(formatDatetime(value.value as bigint));
    case 'timespan':
      return JSON.stringify(formatTimespan(value.value as bigint));
    case 'dynamic':
      return String(value.value);
    default:
      return JSON.stringify(value.value);
  }
}

/** Decodes the property names of a JSON object, which the tree keeps as tokens. */
function decodeString(token: string): string {
  const body = token.replace(/^(["'])([\s\S]*)\1$/, '$2');
  try {
    return JSON.parse(`"${body.replace(/\\'/g, "'").replace(/(?<!\\)"/g, '\\"')}"`);
  } catch {
    return body;
  }
}
