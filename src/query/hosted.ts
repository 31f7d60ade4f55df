import { fail, formatDatetime, parseDatetime } from '../base/index.js';
import { type HostedStage, nameOfHosted, nullableType } from '../emit/index.js';
import { type Host, type HostedValue, hostedFunction, hostedOperation, Json } from '../functions/index.js';
import { type ComputedStage, JsonText } from '../store/index.js';
import type { Column, KqlType, Value } from '../tables/index.js';

/** What the user lets operations use beside their rows. */
export type Means = Pick<Host, 'geoDatabase' | 'external' | 'onMissing'>;

/** How long this process works before others get a turn. */
const turnMs = 15;

/** The stage as the store fills it: cells of the engine become values, the operation runs, its values become cells. */
export function computedStage({ operation, input, output }: HostedStage, means: Means = {}): ComputedStage {
  const label = nameOfHosted(operation);
  return {
    name: label,
    columns: output.map((c) => ({ name: c.name, type: nullableType(c.type) })),
    async compute({ rows }, signal) {
      const host = new Turns(signal, means);
      if (operation.name === 'call') return called(label, input, rows, output.at(-1)!.type, host);
      const found = hostedOperation(operation.name) ?? fail('KQL4005', `${operation.name} is not known`);
      const per = operation.per ?? 0;
      const own = input.slice(per);
      const result: Value[][] = [];
      for (const group of await grouped(rows, per, host)) {
        const keys = input.slice(0, per).map((c, i) => keptCell(c.type, group[0]![i]));
        const table = { columns: own, rows: await valuesOf(own, group, per, host) };
        for (const row of await found.run(table, operation.settings, host)) {
          result.push([...keys, ...row.map((v, i) => cellOf(output[per + i]!.type, v))]);
          if (result.length % 512 === 0) await host.breathe();
        }
      }
      return result;
    },
  };
}

/** The function's value behind the arguments, which go back as they came. */
async function called(
  name: string,
  input: readonly Column[],
  rows: readonly (readonly unknown[])[],
  type: KqlType,
  host: Host,
): Promise<Value[][]> {
  const entry = hostedFunction(name) ?? fail('KQL4002', `the function ${name} is not supported`);
  const result: Value[][] = [];
  for (const row of rows) {
    const args = input.map((c, i) => valueIn(c.type, row[i]));
    result.push([...input.map((c, i) => keptCell(c.type, row[i])), cellOf(type, entry.evaluate(args, host))]);
    await host.breathe();
  }
  return result;
}

async function valuesOf(columns: readonly Column[], rows: readonly (readonly unknown[])[], from: number, host: Host) {
  const values: HostedValue[][] = [];
  for (const row of rows) {
    values.push(columns.map((c, i) => valueIn(c.type, row[from + i])));
    if (values.length % 512 === 0) await host.breathe();
  }
  return values;
}

/** Rows by equal values of their first columns; without such columns all rows are one group, even when there are none. */
async function grouped(rows: readonly (readonly unknown[])[], per: number, host: Host) {
  if (per === 0) return [rows];
  const groups = new Map<string, (readonly unknown[])[]>();
  for (const [i, row] of rows.entries()) {
    const key = JSON.stringify(row.slice(0, per));
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
    if (i % 512 === 0) await host.breathe();
  }
  return [...groups.values()];
}

class Turns implements Host {
  private since = performance.now();

  constructor(
    private readonly signal: AbortSignal,
    private readonly means: Means,
  ) {}

  get geoDatabase(): string | undefined {
    return this.means.geoDatabase;
  }

  get external(): readonly string[] | undefined {
    return this.means.external;
  }

  get onMissing(): Host['onMissing'] {
    return this.means.onMissing;
  }

  async breathe(): Promise<void> {
    if (performance.now() - this.since < turnMs) return;
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.signal.throwIfAborted();
    this.since = performance.now();
  }
}

const denormals: Record<string, number> = { nan: Number.NaN, '-nan': Number.NaN, inf: Infinity, '-inf': -Infinity };

/** A cell as the engine prints it in JSON, as a HostedValue. */
function valueIn(type: KqlType, cell: unknown): HostedValue {
  if (cell === null || cell === undefined) return type === 'string' ? '' : null;
  switch (type) {
    case 'int':
      return Number(cell);
    case 'long':
    case 'timespan':
      return BigInt(cell as string);
    case 'real':
      return denormals[String(cell)] ?? Number(cell);
    case 'bool':
      return cell === true || cell === 1;
    case 'datetime':
      return parseDatetime(`${String(cell).replace(' ', 'T')}Z`) ?? null;
    case 'dynamic':
      return parsed(String(cell));
    default:
      return String(cell);
  }
}

/** JSON with whole numbers past 2^53 as bigint, which JSON.parse would round. */
function parsed(json: string): HostedValue {
  try {
    if (!/\d{16}/.test(json)) return JSON.parse(json);
    let mark = 'long:';
    while (json.includes(mark)) mark += ':';
    const marked = json.replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (token) =>
      /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${mark}${token}"` : token,
    );
    return JSON.parse(marked, (_key, value) =>
      typeof value === 'string' && value.startsWith(mark) ? BigInt(value.slice(mark.length)) : value,
    );
  } catch {
    return json;
  }
}

function cellOf(type: KqlType, value: HostedValue | undefined): Value {
  if (value === null || value === undefined) return null;
  if (type === 'datetime') return formatDatetime(value as bigint);
  return value instanceof Json ? new JsonText(value.json) : value;
}

/** A cell that goes back to the engine as it came. */
function keptCell(type: KqlType, cell: unknown): Value {
  if (type === 'dynamic') return cell === null || cell === undefined ? null : new JsonText(String(cell));
  return cellOf(type, valueIn(type, cell));
}
