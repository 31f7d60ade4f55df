import { z } from 'zod';
import { kindOfTests, parseTests, readTestDocument, testFiles } from '../test-files.js';

const row = z.record(z.string(), z.unknown());
const rows = z.record(z.string(), row);

/** `NAME.test.yaml`, described in docs/asim-network-session.md. */
const schema = z.strictObject({
  parser: z.string().min(1),
  rows: z.record(z.string(), rows),
  cases: z
    .array(
      z.strictObject({
        with: row.optional(),
        keeps: z.array(z.string()),
        matching: z.looseObject({ column: z.string() }).optional(),
        fields: rows.optional(),
      }),
    )
    .default([]),
  expect: rows.default({}),
  fields: rows.default({}),
});

export type ParserTestFile = z.infer<typeof schema> & { readonly file: string };
export type ParserCase = ParserTestFile['cases'][number];

/**
 * The parser tests among the paths and in folders; tests of rules that lie there are left to `rule test`.
 *
 * Errors  CLI6002 a path that cannot be read, RUL3001 no YAML, RUL3002 keys or values that a test file does not have
 */
export async function readParserTests(paths: readonly string[]): Promise<ParserTestFile[]> {
  const documents = await Promise.all((await testFiles(paths)).map(readTestDocument));
  return documents
    .filter((document) => kindOfTests(document) === 'parser')
    .map((document) => ({ file: document.file, ...parseTests(document, schema) }));
}
