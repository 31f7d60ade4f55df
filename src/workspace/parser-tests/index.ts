import { DiagnosticError } from '../../base/index.js';
import { checkParserData, checkParserSchema, type Parser, type ParserFinding } from '../../content/index.js';
import { ParserLab } from './lab.js';
import { type ParserTestResult, runParserTest } from './run.js';
import { type ParserTestFile, readParserTests } from './test-file.js';

export type { ParserTestResult } from './run.js';

export interface ParserTestOptions {
  /** Content folder of the workspace; its functions may be called. */
  readonly contentDir?: string | undefined;
  readonly onFile?: ((done: number, files: number) => void) | undefined;
}

/** Findings about one parser. Data are checked over the rows of its test file, if it has one. */
export interface CheckedParser {
  readonly file: string;
  readonly parser: string;
  readonly rows: number;
  readonly findings: readonly ParserFinding[];
}

/**
 * Runs the test files among the paths and in folders on an engine of their own. A path of a parser stands for the test
 * file beside it.
 *
 * Errors  CLI6002 a path that cannot be read, RUL3001 and RUL3002 a bad test file
 */
export async function testParsers(
  paths: readonly string[],
  options: ParserTestOptions = {},
): Promise<ParserTestResult[]> {
  const tests = await readParserTests(paths);
  return inLab(contentPaths(paths), options, async (lab) => {
    const results: ParserTestResult[] = [];
    for (const test of tests) {
      results.push(await runParserTest(lab, test));
      options.onFile?.(results.length, tests.length);
    }
    return results;
  });
}

/** Checks columns and values of the Network Session parsers among the paths against the schema. Errors as above. */
export async function checkParsers(
  paths: readonly string[],
  options: ParserTestOptions = {},
): Promise<CheckedParser[]> {
  const tests = await readParserTests(paths);
  return inLab(contentPaths(paths), options, async (lab) => {
    // The shipped folder is a layer of its own too: a file counts once.
    const files = new Map(lab.content.files.map((file) => [file.name, file]));
    const own = [...files.values()].filter((file) => isUnder(file.name, paths));
    const checked: CheckedParser[] = [];
    for (const { name: file, content } of own) {
      if (content?.type !== 'parser' || content.schema !== 'NetworkSession') continue;
      const test = tests.find(({ parser }) => [parser, parser.replace(/^vim/, 'ASim')].includes(content.parserName));
      checked.push({ file, parser: content.parserName, ...(await checkParser(lab, content, test)) });
      options.onFile?.(checked.length, own.length);
    }
    return checked;
  });
}

async function checkParser(lab: ParserLab, { parserName, parameters }: Parser, test: ParserTestFile | undefined) {
  if (parameters.some((p) => p.default === undefined))
    return { rows: 0, findings: [failed(parserName, 'has parameters without defaults')] };
  try {
    const laid = test ? await lab.layOut(test) : { receivedAt: 0 };
    const { columns, rows } = await lab.query(`${parserName}()`, laid);
    return { rows: rows.length, findings: [...checkParserSchema(columns), ...checkParserData(columns, rows)] };
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    return { rows: 0, findings: [failed(parserName, error.message)] };
  }
}

const failed = (field: string, message: string): ParserFinding => ({ severity: 'error', field, message });

/** Test files are no content; the folder that they lie in is. */
const contentPaths = (paths: readonly string[]) => paths.map((path) => path.replace(/\.test(\.ya?ml)$/, '$1'));

const isUnder = (file: string, paths: readonly string[]) =>
  paths.some((path) => file === path || file.startsWith(`${path.replace(/\/$/, '')}/`));

async function inLab<T>(
  paths: readonly string[],
  { contentDir }: ParserTestOptions,
  work: (lab: ParserLab) => Promise<T>,
) {
  const lab = await ParserLab.open(paths, contentDir);
  try {
    return await work(lab);
  } finally {
    await lab.close();
  }
}
