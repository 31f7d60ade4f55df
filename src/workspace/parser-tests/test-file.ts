import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { fail } from '../../base/index.js';

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

/** Errors  CLI6002 a path that cannot be read, RUL3001 no YAML, RUL3002 keys or values that a test file does not have */
export async function readTestFile(file: string): Promise<ParserTestFile> {
  const text = await readFile(file, 'utf8').catch((error: Error) => fail('CLI6002', error.message));
  let value: unknown;
  try {
    // Times stay text: a YAML date would be read in the zone of this machine.
    value = parse(text, { schema: 'core' });
  } catch (error) {
    return fail('RUL3001', `${file}: ${(error as Error).message}`);
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) return fail('RUL3002', `${file}: ${z.prettifyError(parsed.error)}`);
  return { file, ...parsed.data };
}

/** The test files among files and in folders, by name. */
export async function testFiles(paths: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths) {
    const info = await stat(path).catch((error: Error) => fail('CLI6002', error.message));
    if (!info.isDirectory()) {
      found.push(isTestFile(path) ? path : path.replace(/\.ya?ml$/, '.test.yaml'));
      continue;
    }
    const entries = await readdir(path, { recursive: true });
    found.push(
      ...entries
        .filter(isTestFile)
        .sort()
        .map((entry) => join(path, entry)),
    );
  }
  const existing = await Promise.all(
    found.map((file) =>
      stat(file).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.filter((_, i) => existing[i]);
}

const isTestFile = (path: string) => /\.test\.ya?ml$/.test(path);
