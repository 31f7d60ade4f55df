import { fail, parseDatetime, parseTimespan } from '../base/index.js';
import { type Literal, literal } from '../ir/index.js';
import type { KqlType } from '../tables/index.js';

/** The value that whoever runs the query gives a parameter: as a literal of its type, with or without the type's name. */
export function parameterValue(name: string, type: KqlType, given: string): Literal {
  const text = (
    new RegExp(`^\\s*(?:${type}|date|time|double)\\s*\\(([\\s\\S]*)\\)\\s*$`, 'i').exec(given)?.[1] ?? given
  ).trim();
  const wrong = (): never => fail('KQL1002', `the query parameter '${name}' is a ${type}, '${given}' is none`);
  if (type === 'string') return literal(type, given);
  if (text === 'null') return literal(type, null);
  const unquoted = text.replace(/^(["'])([\s\S]*)\1$/, '$2');
  switch (type) {
    case 'int':
    case 'long': {
      if (!/^-?\d+$/.test(text)) return wrong();
      const value = BigInt(text);
      return BigInt.asIntN(type === 'int' ? 32 : 64, value) === value ? literal(type, value) : wrong();
    }
    case 'real':
      return text !== '' && Number.isFinite(Number(text)) ? literal(type, Number(text)) : wrong();
    case 'decimal':
      return /^-?\d+(\.\d+)?$/.test(text) ? literal(type, text) : wrong();
    case 'bool':
      return /^(true|false|1|0)$/i.test(text) ? literal(type, /^(true|1)$/i.test(text)) : wrong();
    case 'datetime':
    case 'timespan': {
      const value = (type === 'datetime' ? parseDatetime : parseTimespan)(unquoted);
      return value === undefined ? wrong() : literal(type, value);
    }
    case 'guid':
      return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(unquoted)
        ? literal(type, unquoted.toLowerCase())
        : wrong();
    default:
      try {
        JSON.parse(text);
      } catch {
        return wrong();
      }
      return literal('dynamic', text);
  }
}
