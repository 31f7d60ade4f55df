import { catalogue, type KqlType, type Row, type Value } from '../../../tables/index.js';
import { type Outcome, reject } from '../../connector.js';
import { isObject } from '../../formats/json.js';
import { columnTypes } from '../../mapping/table-by-columns.js';
import { asText, isBlank, type JsonObject, textOf } from '../../mapping/values.js';
import { isoUtc, parseTime } from '../../times.js';

/** MD5 sums such as JA3 have the form of a GUID without its hyphens, and get its suffix. */
const guid = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;
const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?$/;
const number = /^-?\d+(?:\.\d+)?$/;

/** The suffix that the HTTP collector gives a value, then those under which the table may hold the property instead. */
function suffixesOf(value: unknown): readonly string[] {
  if (typeof value === 'number') return ['_d', '_s'];
  if (typeof value === 'boolean') return ['_b', '_s'];
  if (typeof value !== 'string') return ['_s'];
  if (guid.test(value)) return ['_g', '_s'];
  if (isoTime.test(value)) return ['_t', '_s'];
  // Senders that quote everything mean the number or the boolean that the table knows.
  if (number.test(value)) return ['_s', '_d'];
  return /^(?:true|false)$/i.test(value) ? ['_s', '_b'] : ['_s'];
}

/** `id.orig_h` → `id_orig_h`; an object `id: {orig_h}` says the same. */
function* flattened(record: JsonObject, prefix = ''): Generator<readonly [string, unknown]> {
  for (const [key, value] of Object.entries(record)) {
    const name = plainName(`${prefix}${key}`);
    if (isObject(value)) yield* flattened(value, `${name}_`);
    else yield [name, value];
  }
}

const plainNames = new Map<string, string>();

/** Column names have no dots or other signs; names repeat from record to record. */
function plainName(name: string): string {
  let plain = plainNames.get(name);
  if (plain === undefined) {
    if (plainNames.size >= 2000) plainNames.clear();
    plain = name.replace(/[^A-Za-z0-9_]/g, '_');
    plainNames.set(name, plain);
  }
  return plain;
}

function columnFor(name: string, value: unknown, columns: ReadonlyMap<string, KqlType>): string | undefined {
  for (const suffix of suffixesOf(value)) if (columns.has(`${name}${suffix}`)) return `${name}${suffix}`;
  return undefined;
}

/** Epoch milliseconds as the stream sends them, epoch seconds as Zeek writes them, or ISO. */
function timeOf(ts: unknown): string | undefined {
  if (typeof ts === 'number' && !Number.isInteger(ts)) return isoUtc(ts < 1e11 ? ts * 1000 : ts);
  return typeof ts === 'number' || typeof ts === 'string' ? parseTime(ts) : undefined;
}

export const isStream = (record: JsonObject): boolean => !isBlank(record.metadata_type);

/**
 * Turns one metadata record into a VectraStream_CL row.
 *
 * Shape   property → column by the collector's rule: `_s` text, `_d` number, `_b` bool, `_g` GUID, `_t` time; dots become
 *         `_`; a property that the table lacks goes into RawData as JSON
 * Time    TimeGenerated = ts, else the time of reception; ts_d stays as sent (epoch ms)
 * Errors  ING2004 ts is there but is no time
 */
export function streamRow(record: JsonObject, host: string, receivedAt: number): Outcome {
  const columns = columnTypes(catalogue.table('VectraStream_CL')!);
  const time = isBlank(record.ts) ? isoUtc(receivedAt) : timeOf(record.ts);
  if (time === undefined) return reject('ING2004', 'ts of the Vectra record is no time', textOf(record));
  const row: Row = { TimeGenerated: time, Type: undefined };
  const rest: [string, unknown][] = [];
  for (const [name, value] of flattened(record)) {
    if (value === null || value === '') continue;
    const column = columnFor(name, value, columns);
    if (column === undefined) rest.push([name, value]);
    else row[column] = (Array.isArray(value) ? textOf(value) : value) as Value;
  }
  if (rest.length > 0) row.RawData = textOf(Object.fromEntries(rest));
  const computer = asText(record.hostname) || host;
  if (computer !== '') row.Computer = computer;
  return { table: 'VectraStream_CL', row };
}
