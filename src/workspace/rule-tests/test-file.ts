import { dirname, join } from 'node:path';
import { type Diagnostic, DiagnosticError } from '../../base/index.js';
import { parseDuration } from '../../content/index.js';
import { connectors } from '../../ingest/index.js';
import { type Column, catalogue, type KqlType, type TableSchema, tableSchema } from '../../tables/index.js';
import { cellValue, typeOf } from '../inline-tables.js';
import { parseTests, type TestDocument } from '../test-files.js';
import { parseTime } from '../times.js';
import { type CaseTables, type RuleCase, type RuleTest, ruleTestSchema } from './schema.js';

/** A row of a test file that has the types of its table's columns where they differ from YAML's. */
export interface GivenRow {
  /** The name that other cases know it by. */
  readonly key: string | undefined;
  readonly table: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** A case with all that the file says for every case. */
export interface ReadCase {
  readonly name: string;
  /** Line of the file where the case begins. */
  readonly line: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly rows: readonly GivenRow[];
  readonly records: NonNullable<RuleCase['records']>;
  readonly watchlists: NonNullable<RuleCase['watchlists']>;
  readonly expect: RuleCase['expect'];
}

export interface ReadTest {
  readonly file: string;
  /** What the file says its rule is. */
  readonly rule: string | undefined;
  readonly folder: string;
  /** Tables that are not in the catalogue. */
  readonly schemas: ReadonlyMap<string, TableSchema>;
  readonly cases: readonly ReadCase[];
}

type Path = readonly PropertyKey[];

/** Reads and checks a test file. Errors RUL3002, each with its line. */
export function readRuleTest(document: TestDocument): ReadTest {
  const test = parseTests(document, ruleTestSchema);
  return new Reader(document, test).read();
}

class Reader {
  private readonly problems: Diagnostic[] = [];
  private readonly schemas = new Map<string, TableSchema>();

  constructor(
    private readonly document: TestDocument,
    private readonly test: RuleTest,
  ) {}

  read(): ReadTest {
    const { document, test } = this;
    for (const [name, columns] of Object.entries(test.schemas ?? {})) {
      if (catalogue.table(name)) this.problem(['schemas', name], `the columns of ${name} are known`);
      const own = Object.entries(columns).map(
        ([column, type]): Column => ({ name: column, type: this.type(['schemas', name, column], type) }),
      );
      this.schemas.set(name, tableSchema(name, own));
    }
    const shared = this.rows(test.rows ?? {}, ['rows']);
    this.checkRecords(test.records ?? [], ['records']);
    const names = new Map<string, number>();
    const cases = test.cases.map((each, i): ReadCase => {
      const path = ['cases', i];
      if (names.has(each.name))
        this.problem([...path, 'name'], `there is a case of this name in line ${names.get(each.name)}`);
      const line = document.line([...path, 'name']);
      names.set(each.name, line);
      this.checkRecords(each.records ?? [], [...path, 'records']);
      this.checkExpectation(each, path);
      return {
        ...{ name: each.name, line, expect: each.expect },
        at: this.at(each, path),
        rows: [...this.changed(shared, each, path), ...this.rows(each.rows ?? {}, [...path, 'rows'], shared)],
        records: [...(test.records ?? []), ...(each.records ?? [])],
        watchlists: { ...test.watchlists, ...each.watchlists },
      };
    });
    if (this.problems.length > 0) throw new DiagnosticError(this.problems);
    return { file: document.file, rule: test.rule, folder: dirname(document.file), schemas: this.schemas, cases };
  }

  private rows(tables: CaseTables, path: Path, before: readonly GivenRow[] = []): GivenRow[] {
    const found: GivenRow[] = [];
    for (const [table, given] of Object.entries(tables)) {
      const schema = this.schema(table, [...path, table]);
      for (const [key, values] of Object.entries(given)) {
        const at = [...path, table, Array.isArray(given) ? Number(key) : key];
        const named = Array.isArray(given) ? undefined : key;
        if (named !== undefined && [...before, ...found].some((row) => row.key === named))
          this.problem(at, `there is a row named ${named} already`);
        if (schema) found.push({ key: named, table, values: this.values(schema, values, at) });
      }
    }
    return found;
  }

  private changed(shared: readonly GivenRow[], { without = [], change = {} }: RuleCase, path: Path): GivenRow[] {
    const known = (key: string, at: Path) =>
      shared.some((row) => row.key === key) || this.problem(at, `no shared row is named ${key}`);
    without.forEach((key, i) => {
      known(key, [...path, 'without', i]);
    });
    for (const key of Object.keys(change)) known(key, [...path, 'change', key]);
    return shared
      .filter(({ key }) => key === undefined || !without.includes(key))
      .map((row) => {
        const other = row.key === undefined ? undefined : change[row.key];
        const schema = other && this.schema(row.table, path);
        if (!schema) return row;
        return { ...row, values: { ...row.values, ...this.values(schema, other, [...path, 'change', row.key!]) } };
      });
  }

  private values(schema: TableSchema, row: Readonly<Record<string, unknown>>, path: Path): Record<string, unknown> {
    const values: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(row)) {
      const column = schema.columns.find((c) => c.name === name);
      if (!column) {
        const near = schema.columns.find((c) => c.name.toLowerCase() === name.toLowerCase());
        const hint = near && `write ${near.name}`;
        this.problem([...path, name], `${schema.name} has no column ${name}`, { hint });
        continue;
      }
      values[name] = column.type === 'string' ? (this.document.spelling([...path, name]) ?? value) : value;
      if (valueAt(column.type, values[name], 0) === undefined)
        this.problem([...path, name], `${JSON.stringify(value)} is no ${column.type}`);
    }
    return values;
  }

  private schema(table: string, path: Path): TableSchema | undefined {
    const schema = catalogue.table(table) ?? this.schemas.get(table);
    if (!schema) this.problem(path, `there is no table ${table}`, { hint: 'describe its columns under schemas' });
    return schema;
  }

  private checkRecords(records: NonNullable<RuleTest['records']>, path: Path) {
    records.forEach(({ connector, text, file, receivedAt }, i) => {
      if (!connectors.find(connector)) {
        const hint = `known: ${connectors.all.map((known) => known.id).join(', ')}`;
        this.problem([...path, i, 'connector'], `there is no connector '${connector}'`, { hint });
      }
      if ((text === undefined) === (file === undefined)) this.problem([...path, i], 'records have a text or a file');
      if (receivedAt !== undefined) this.time(receivedAt, [...path, i, 'receivedAt']);
    });
  }

  private checkExpectation({ expect }: RuleCase, path: Path) {
    const silent = expect.silence ?? expect.stoppedAt !== undefined;
    const speaks = ['alerts', 'incident', 'incidents'] as const;
    for (const key of silent ? speaks : []) {
      if (expect[key] !== undefined) this.problem([...path, 'expect', key], 'a case that stays silent has none');
    }
  }

  private at(each: RuleCase, path: Path): number {
    const given = each.at ?? this.test.at;
    if (given !== undefined) return this.time(given, each.at === undefined ? ['at'] : [...path, 'at']);
    this.problem(path, 'there is no time of the run', { hint: 'write `at`, for the case or for the whole file' });
    return 0;
  }

  private time(given: string, path: Path): number {
    try {
      return parseTime(given);
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      this.problem(path, error.diagnostics[0]!.message, { hint: error.diagnostics[0]!.hint });
      return 0;
    }
  }

  private type(path: Path, given: string): KqlType {
    try {
      return typeOf(given);
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      this.problem(path, error.diagnostics[0]!.message, { hint: error.diagnostics[0]!.hint });
      return 'dynamic';
    }
  }

  private problem(path: Path, message: string, more: { hint?: string | undefined } = {}): false {
    const { hint } = more;
    this.problems.push(this.document.problem(path, message, hint === undefined ? {} : { hint }));
    return false;
  }
}

/** A cell as a literal holds it, `-90m` in a datetime column as time before `at`; undefined when it does not fit. */
export function valueAt(type: KqlType, cell: unknown, at: number): ReturnType<typeof cellValue> {
  const before = type === 'datetime' && typeof cell === 'string' ? /^-\s*(.+)$/.exec(cell)?.[1] : undefined;
  const ms = before === undefined ? undefined : parseDuration(before);
  if (ms !== undefined) return cellValue(type, new Date(at - ms).toISOString());
  // Ticks, as connectors write them.
  if (type === 'timespan' && (typeof cell === 'bigint' || typeof cell === 'number')) return BigInt(cell);
  return typeof cell === 'bigint' ? cellValue(type, String(cell)) : cellValue(type, cell);
}

export const pathBeside = ({ folder }: ReadTest, path: string): string => join(folder, path);
