import { DiagnosticError } from '../../base/index.js';
import { isSame, kqlLiteral } from '../test-values.js';
import type { LaidOut, ParserLab } from './lab.js';
import type { ParserCase, ParserTestFile } from './test-file.js';

export interface ParserTestResult {
  readonly file: string;
  readonly parser: string;
  /** How many comparisons were made, and those that did not hold. */
  readonly checks: number;
  readonly failures: readonly string[];
}

type Found = Readonly<Record<string, unknown>>;

/** Calls that share one query: a query has a fixed cost, and a larger one is slow to plan. */
const CALLS_A_QUERY = 6;

/** Runs the cases of one file, and its whole rows under every name of the parser. */
export async function runParserTest(lab: ParserLab, test: ParserTestFile): Promise<ParserTestResult> {
  const failures: string[] = [];
  let checks = 0;
  const check = (holds: boolean, message: string) => {
    checks++;
    if (!holds) failures.push(message);
  };
  const laid = await lab.layOut(test);
  failures.push(...laid.problems);

  for (let at = 0; at < test.cases.length; at += CALLS_A_QUERY) {
    const group = test.cases.slice(at, at + CALLS_A_QUERY);
    const calls = group.map((each) => callOf(test.parser, each));
    const answers = await answersOf(calls, columnsOf(group));
    group.forEach((each, i) => {
      const rows = answers?.[i];
      if (rows) compareCase(calls[i]!, each, rows);
    });
  }
  if (Object.keys(test.expect).length + Object.keys(test.fields).length > 0) {
    const calls = wholeCalls();
    const answers = await answersOf(calls);
    calls.forEach((call, i) => {
      const rows = answers?.[i];
      if (!rows) return;
      for (const [name, wanted] of Object.entries(test.expect)) compareRow(call, name, wanted, rows, true);
      for (const [name, wanted] of Object.entries(test.fields)) compareRow(call, name, wanted, rows, false);
    });
  }
  return { file: test.file, parser: test.parser, checks, failures };

  /** The parser under each of its names, and its twin without filters. */
  function wholeCalls(): string[] {
    const twin = lab.parser(test.parser.replace(/^vim/, 'ASim'));
    const names = new Set([...(lab.parser(test.parser)?.names ?? [test.parser]), ...(twin?.names ?? [])]);
    return [...names].map((name) => `${name}()`);
  }

  /** The rows of each call by name; undefined (and a failure) when the query fails. */
  async function answersOf(calls: readonly string[], columns?: readonly string[]) {
    const project = columns ? ` | project ${['CallNumber', 'TimeGenerated', ...columns].join(', ')}` : '';
    const legs = calls.map((call, i) => `(${call} | extend CallNumber = ${i}${project})`);
    try {
      return byCall(calls.length, await rowsOf(`union ${legs.join(', ')}`), laid);
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      check(false, `${calls.join(', ')}: ${error.message}`);
      return undefined;
    }
  }

  async function rowsOf(kql: string): Promise<Found[]> {
    const { columns, rows } = await lab.query(kql, laid);
    return rows.map((row) => Object.fromEntries(columns.map((column, i) => [column.name, row[i]])));
  }

  function compareCase(call: string, { keeps, matching, fields = {} }: ParserCase, rows: [string, Found][]) {
    const given = rows.map(([name]) => name).sort();
    check(
      given.join() === [...keeps].sort().join(),
      `${call} keeps ${given.join(', ') || 'no row'} instead of ${keeps.join(', ') || 'none'}`,
    );
    const { column, ...values } = matching ?? { column: '' };
    for (const [name, value] of Object.entries(values)) compareRow(call, name, { [column]: value }, rows, false);
    for (const [name, wanted] of Object.entries(fields)) compareRow(call, name, wanted, rows, false);
  }

  /** `isWhole`: columns that are not listed must be empty. */
  function compareRow(call: string, name: string, wanted: Found, rows: [string, Found][], isWhole: boolean) {
    const given = rows.find(([key]) => key === name)?.[1];
    if (!given) return check(false, `${call} has no row ${name}`);
    const others = isWhole ? Object.keys(given).filter((column) => column !== 'CallNumber') : [];
    for (const column of new Set([...Object.keys(wanted), ...others])) {
      const [want, got] = [wanted[column], given[column]];
      check(
        isSame(want, got),
        `${call} ${name}.${column} is ${JSON.stringify(got)} instead of ${JSON.stringify(want)}`,
      );
    }
  }
}

const callOf = (parser: string, { with: values = {} }: ParserCase) =>
  `${parser}(${Object.entries(values)
    .map(([name, value]) => `${name}=${kqlLiteral(value)}`)
    .join(', ')})`;

const columnsOf = (cases: readonly ParserCase[]): string[] => [
  ...new Set(
    cases.flatMap(({ matching, fields = {} }) => [
      ...(matching ? [matching.column] : []),
      ...Object.values(fields).flatMap((row) => Object.keys(row)),
    ]),
  ),
];

/** A row is told by its time. */
function byCall(calls: number, rows: readonly Found[], { nameByTime }: LaidOut): [string, Found][][] {
  const lists = Array.from({ length: calls }, (): [string, Found][] => []);
  for (const row of rows) {
    const time = Date.parse(String(row.TimeGenerated));
    lists[Number(row.CallNumber)]?.push([nameByTime.get(time) ?? `a row of ${row.TimeGenerated}`, row]);
  }
  return lists;
}
