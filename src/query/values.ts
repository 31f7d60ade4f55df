import { formatTimespan, shortDatetime } from '../base/index.js';
import type { KqlType } from '../tables/index.js';

/** Turns a cell as the engine prints it in JSON into Kusto's JSON. */
export function kustoValue(type: KqlType, cell: unknown): unknown {
  if (cell === null || cell === undefined) return type === 'string' ? '' : null;
  switch (type) {
    case 'bool':
      return cell === true || cell === 1 || cell === '1' || cell === 'true';
    case 'int':
      return Number(cell);
    case 'long':
      return whole(cell);
    case 'real':
      return real(cell);
    case 'datetime':
      return shortDatetime(`${String(cell).replace(' ', 'T')}Z`);
    case 'timespan':
      return formatTimespan(BigInt(cell as string));
    case 'dynamic':
      return parseDynamic(String(cell));
    case 'decimal':
      return String(cell)
        .replace(/(\.\d*?)0+$/, '$1')
        .replace(/\.$/, '');
    default:
      return String(cell);
  }
}

function whole(cell: unknown): number | string {
  const n = Number(cell);
  return Number.isSafeInteger(n) ? n : String(cell);
}

function real(cell: unknown): number | string {
  if (typeof cell === 'number') return cell;
  const named: Record<string, string> = { nan: 'NaN', '-nan': 'NaN', inf: 'Infinity', '-inf': '-Infinity' };
  return named[String(cell)] ?? Number(cell);
}

/** Whole numbers past 2^53 stay digits: JSON.parse would round them. */
function parseDynamic(json: string): unknown {
  const safe = /\d{16}/.test(json)
    ? json.replace(/("(?:[^"\\]|\\.)*")|(?<![\d.])(-?\d{16,})(?![\d.eE])/g, (all, text?: string, digits?: string) =>
        text !== undefined ? text : Number.isSafeInteger(Number(digits)) ? all : `"${digits}"`,
      )
    : json;
  try {
    return JSON.parse(safe);
  } catch {
    return json;
  }
}
