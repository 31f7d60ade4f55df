import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Document, isMap, isScalar, type Node, visit } from 'yaml';
import type { z } from 'zod';
import { type Diagnostic, DiagnosticError, fail, type Span } from '../base/index.js';
import { readYaml } from '../content/index.js';

/** A YAML file of tests whose values know their place. */
export class TestDocument {
  constructor(
    readonly file: string,
    readonly text: string,
    private readonly document: Document,
  ) {}

  /** Times stay text (a YAML date would be read in the zone of this machine). */
  get value(): unknown {
    return this.document.toJS({ maxAliasCount: 100 });
  }

  /** The author's spelling of a number: `1.10` is no 1.1 where text is wanted. */
  spelling(path: readonly PropertyKey[]): string | undefined {
    const node = this.node(path);
    return isScalar(node) && typeof node.value === 'number' ? node.source : undefined;
  }

  /** A finding about the value at the path or, when it is not there, about the nearest one above; `key` is a key of it. */
  problem(path: readonly PropertyKey[], message: string, more: { key?: string; hint?: string } = {}): Diagnostic {
    const { file: name, text } = this;
    const span = this.span(path, more.key);
    return { code: 'RUL3002', severity: 'error', message, source: { name, text }, span, hint: more.hint };
  }

  line(path: readonly PropertyKey[]): number {
    return this.text.slice(0, this.span(path).start).split('\n').length;
  }

  private span(path: readonly PropertyKey[], key?: string): Span {
    const node = this.node(path);
    if (!node) return path.length > 0 ? this.span(path.slice(0, -1), String(path.at(-1))) : { start: 0, end: 0 };
    const named = isMap(node) && key !== undefined ? node.items.find((pair) => keyText(pair.key) === key) : undefined;
    const [start, end] = ((named?.key as Node | undefined) ?? node).range ?? [0, 0];
    // A whole mapping would be underlined to its end: its first line says where it is.
    const lineEnd = this.text.indexOf('\n', start);
    return { start, end: lineEnd < 0 ? end : Math.min(end, lineEnd) };
  }

  private node(path: readonly PropertyKey[]): Node | undefined {
    return this.document.getIn(path, true) as Node | undefined;
  }
}

const keyText = (key: unknown) => String(isScalar(key) ? key.value : key);

/** Errors  CLI6002 a file that cannot be read, RUL3001 no YAML, RUL3002 a key that stands twice */
export async function readTestDocument(file: string): Promise<TestDocument> {
  const text = await readFile(file, 'utf8').catch((error: Error) => fail('CLI6002', error.message));
  const yaml = readYaml(file, text);
  if (!yaml.ok) throw new DiagnosticError(yaml.diagnostics);
  const [only, ...more] = yaml.value;
  const source = { name: file, text };
  if (!only || more.length > 0)
    throw new DiagnosticError({ code: 'RUL3001', severity: 'error', message: 'a test file is one document', source });
  const twice: Diagnostic[] = [];
  visit(only.document, {
    Map: (_, { items }) => {
      const seen = new Set<string>();
      for (const { key } of items) {
        const [start, end] = (key as Node).range ?? [0, 0];
        const message = `the key ${keyText(key)} stands twice`;
        if (seen.has(keyText(key)))
          twice.push({ code: 'RUL3002', severity: 'error', message, source, span: { start, end } });
        seen.add(keyText(key));
      }
    },
  });
  if (twice.length > 0) throw new DiagnosticError(twice);
  return new TestDocument(file, text, only.document);
}

/** The content of the file. Errors  RUL3002 for each key or value that is not of the schema, with its line */
export function parseTests<T>(document: TestDocument, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(document.value);
  if (parsed.success) return parsed.data;
  throw new DiagnosticError(parsed.error.issues.flatMap((issue) => findings(document, issue, [])));
}

function findings(document: TestDocument, issue: z.core.$ZodIssue, above: readonly PropertyKey[]): Diagnostic[] {
  const path = [...above, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => document.problem(path, `there is no key ${key} here`, { key }));
  }
  if (issue.code === 'invalid_union') {
    // The form that fits the deepest is the one that was meant.
    const depth = (issues: readonly z.core.$ZodIssue[]) => Math.max(0, ...issues.map((i) => i.path.length));
    const meant = [...issue.errors].sort((a, b) => depth(b) - depth(a))[0];
    if (meant && depth(meant) > 0) return meant.flatMap((inner) => findings(document, inner, path));
  }
  return [document.problem(path, `${path.map(String).join('.') || 'the file'}: ${issue.message}`)];
}

/** Which tests a file holds: parser tests name their parser, rule tests lie beside their rule. */
export const kindOfTests = (document: TestDocument): 'parser' | 'rule' =>
  Object.hasOwn(Object(document.value), 'parser') ? 'parser' : 'rule';

/** The test files among files and in folders, by name; a path of a rule or parser stands for the file beside it. Errors CLI6002. */
export async function testFiles(paths: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths) {
    const info = await stat(path).catch((error: Error) => fail('CLI6002', error.message));
    if (!info.isDirectory()) {
      found.push(isTestFile(path) ? path : path.replace(/\.(ya?ml)$/, '.test.$1'));
      continue;
    }
    const entries = await readdir(path, { recursive: true });
    const inside = entries.filter((entry) => isTestFile(entry) && !/(^|[\\/])(node_modules|\.git)[\\/]/.test(entry));
    found.push(...inside.sort().map((entry) => join(path, entry)));
  }
  const exists = (file: string) =>
    stat(file).then(
      () => true,
      () => false,
    );
  const existing = await Promise.all(found.map(exists));
  return [...new Set(found.filter((_, i) => existing[i]))];
}

export const isTestFile = (path: string) => /\.test\.ya?ml$/.test(path);
