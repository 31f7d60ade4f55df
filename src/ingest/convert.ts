import type { KqlType, Row, TableSchema, Value } from '../tables/index.js';
import { isoUtc, parseTime } from './times.js';

/** Deeper nesting than this is refused: every later stage recurses over dynamic values. */
export const MAX_DEPTH = 100;

type Convert = (value: Value) => Value;

const MIN_LONG = -(2n ** 63n);
const MAX_LONG = 2n ** 63n - 1n;
const integerText = /^[+-]?\d{1,19}(?:\.0+)?$/;

function toText(value: Value): Value {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return undefined;
  return typeof value === 'object' ? JSON.stringify(value) : `${value}`;
}

function toInt(value: Value): Value {
  const n = typeof value === 'number' ? value : typeof value === 'string' ? smallInteger(value) : Number.NaN;
  return n >= -2147483648 && n <= 2147483647 ? Math.trunc(n) : undefined;
}

function smallInteger(text: string): number {
  const trimmed = text.trim();
  return integerText.test(trimmed) ? Number(trimmed) : Number.NaN;
}

function toLong(value: Value): Value {
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return value;
    return Math.abs(value) < 2 ** 63 ? `${BigInt(Math.trunc(value))}` : undefined;
  }
  if (typeof value === 'bigint') return value >= MIN_LONG && value <= MAX_LONG ? value : undefined;
  if (typeof value !== 'string') return undefined;
  const trimmed = value.trim();
  if (!integerText.test(trimmed)) return undefined;
  const whole = trimmed.replace(/\.0+$/, '').replace(/^\+/, '');
  if (whole.length <= 15) return Number(whole);
  const big = BigInt(whole);
  return big >= MIN_LONG && big <= MAX_LONG ? big.toString() : undefined;
}

const realText = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

function toReal(value: Value): Value {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return undefined;
  const trimmed = value.trim();
  if (realText.test(trimmed)) return Number(trimmed);
  if (/^nan$/i.test(trimmed)) return Number.NaN;
  const infinite = /^([+-]?)inf(?:inity)?$/i.exec(trimmed);
  return infinite ? (infinite[1] === '-' ? -Infinity : Infinity) : undefined;
}

const decimalText = /^[+-]?(\d{1,20})(?:\.(\d+))?$/;

function toDecimal(value: Value): Value {
  const text = typeof value === 'object' ? '' : `${value}`.trim();
  const match = decimalText.exec(text);
  if (match) return match[2] && match[2].length > 18 ? text.slice(0, 18 - match[2].length) : text;
  // Exponents come from doubles, which hold no more digits than this.
  return realText.test(text) && Math.abs(Number(text)) < 1e20 ? Number(text).toFixed(18) : undefined;
}

function toBool(value: Value): Value {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value !== 0;
  if (typeof value !== 'string') return undefined;
  if (/^(?:true|1)$/i.test(value.trim())) return true;
  return /^(?:false|0)$/i.test(value.trim()) ? false : undefined;
}

const toDatetime: Convert = (value) =>
  typeof value === 'string' || typeof value === 'number' ? parseTime(value) : undefined;

const timespanText = /^(-?)(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2})(?:\.(\d{1,7}))?$/;

function toTimespan(value: Value): Value {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  const match = typeof value === 'string' ? timespanText.exec(value.trim()) : null;
  if (!match) return undefined;
  const [, sign, days = '0', hours, minutes, seconds, decimals = ''] = match;
  const whole = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
  const ticks = BigInt(whole) * 10_000_000n + BigInt(decimals.padEnd(7, '0'));
  return sign ? -ticks : ticks;
}

function toGuid(value: Value): Value {
  const match =
    typeof value === 'string' ? /^\s*\{?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?\s*$/i.exec(value) : null;
  return match ? match[1]!.toLowerCase() : undefined;
}

function toDynamic(value: Value): Value {
  if (typeof value !== 'string') return value;
  const first = value.trimStart()[0];
  if (first !== '{' && first !== '[') return value === '' ? undefined : value;
  try {
    const parsed = JSON.parse(value) as Value;
    return depthOver(parsed, MAX_DEPTH) ? value : parsed;
  } catch {
    return value;
  }
}

/** Whether a JSON value nests deeper than `limit`. Breadth-first, so that no depth can exhaust the stack. */
export function depthOver(value: unknown, limit: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limit) return true;
    const next: unknown[] = [];
    for (const item of level)
      if (typeof item === 'object' && item !== null) for (const child of Object.values(item)) next.push(child);
    level = next;
  }
  return false;
}

const converters: Record<KqlType, Convert> = {
  string: toText,
  int: toInt,
  long: toLong,
  real: toReal,
  decimal: toDecimal,
  bool: toBool,
  datetime: toDatetime,
  timespan: toTimespan,
  guid: toGuid,
  dynamic: toDynamic,
};

const isFilled = (value: Value): boolean =>
  typeof value === 'string' ? value.trim() !== '' : value !== undefined && value !== null;

/** Columns that take what has no column of its own, in order of preference. */
const overflowColumns = ['AdditionalExtensions', 'AdditionalFields', 'AdditionalProperties', 'ExtendedProperties'];

/**
 * Makes rows fit their table.
 *
 * Shape   row of text, JSON or typed values → the same object with values of the columns' types
 * Errors  a missing or bad TimeGenerated becomes `fallback`; an unknown column, and a value that is not of its column's
 *         type or out of its range (the column is null then), moves into the table's overflow column
 *         (AdditionalExtensions, AdditionalFields) where there is one, and is reported to `onUnknown` either way
 */
export class RowConverter {
  readonly #convert = new Map<string, Convert>();
  readonly #overflow: { readonly name: string; readonly type: KqlType } | undefined;
  readonly #table: string;
  readonly #typed: boolean;

  constructor(schema: TableSchema) {
    this.#table = schema.name;
    for (const column of schema.columns) this.#convert.set(column.name, converters[column.type]);
    const overflow = overflowColumns.find((name) => this.#convert.has(name));
    this.#overflow = overflow ? schema.columns.find((column) => column.name === overflow) : undefined;
    this.#typed = this.#convert.has('Type');
  }

  convert(row: Row, fallback: number, onUnknown: (column: string, kept: boolean) => void): Row {
    let unknown: [string, Value][] | undefined;
    for (const name in row) {
      const convert = this.#convert.get(name);
      const value = row[name];
      if (convert) row[name] = convert(value);
      if (!convert || (row[name] === undefined && isFilled(value))) unknown = [...(unknown ?? []), [name, value]];
    }
    if (unknown) this.#keep(row, unknown, onUnknown);
    return this.complete(row, fallback);
  }

  /** Fills what every row has: its time and the name of its table. */
  complete(row: Row, fallback: number): Row {
    row.TimeGenerated ??= isoUtc(fallback);
    if (this.#typed) row.Type = this.#table;
    return row;
  }

  #keep(row: Row, unknown: readonly (readonly [string, Value])[], onUnknown: (column: string, kept: boolean) => void) {
    const filled = unknown.filter(([, value]) => isFilled(value));
    for (const [name] of unknown) if (!this.#convert.has(name)) delete row[name];
    for (const [name] of filled) onUnknown(name, this.#overflow !== undefined);
    if (!this.#overflow || filled.length === 0) return;
    const { name, type } = this.#overflow;
    const before = row[name];
    if (type === 'dynamic') {
      const base = typeof before === 'object' && before !== null && !Array.isArray(before) ? before : undefined;
      if (before === undefined || before === null || base) row[name] = { ...base, ...Object.fromEntries(filled) };
      else row[name] = { ...Object.fromEntries(filled), [name]: before };
    } else {
      const pairs = filled.map(([column, value]) => `${column}=${toText(value)}`).join(';');
      row[name] = before ? `${before as string};${pairs}` : pairs;
    }
  }
}
