import { type Dirent, readFileSync, statSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { isMap, isSeq, type YAMLMap } from 'yaml';
import type { Diagnostic } from '../base/index.js';
import { Fields } from './fields.js';
import { readFunction, readParser, readPlainFile } from './function.js';
import { markdownQueries } from './loose-queries.js';
import type { Content } from './model.js';
import { readHunting, readRule } from './rule.js';
import { ruleResources } from './template.js';
import { MAX_FILE_CHARS, readYaml, tooLong, type YamlFile } from './yaml-file.js';

/** A file and what it holds. */
export interface LoadedFile {
  readonly name: string;
  readonly text: string;
  /** Undefined when the file is broken, or when it holds neither rule nor function (then there are no errors). */
  readonly content: Content | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

export interface LoadedContent {
  /** In the order of the paths, files of a folder by name. */
  readonly files: readonly LoadedFile[];
  /** Findings of all files, and of paths that cannot be read. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads one text that holds one rule or function; of several, the first. */
export const loadFile = (text: string, name: string): LoadedFile => loadParts(text, name)[0]!;

/**
 * Reads one text. Its kind follows from its keys, as files of all kinds lie in the same folders. A page, a template or a
 * YAML file of several documents gives an entry for each thing that it holds; any text gives at least one.
 */
export function loadParts(text: string, name: string): LoadedFile[] {
  const part = (content: Content | undefined, diagnostics: readonly Diagnostic[] = []): LoadedFile => {
    const broken = diagnostics.some((d) => d.severity === 'error');
    return { name, text, content: broken ? undefined : content, diagnostics };
  };
  const extension = extname(name).toLowerCase();
  if (text.length > MAX_FILE_CHARS) return [part(undefined, [tooLong(name, text.length)])];
  if (plainExtensions.has(extension)) return [part(readPlainFile(name, text))];
  if (pageExtensions.has(extension))
    return atLeastOne(
      markdownQueries(name, text).map((q) => part(q)),
      part(undefined),
    );
  const yaml = readYaml(name, text);
  if (!yaml.ok) return [part(undefined, yaml.diagnostics)];
  const parts = yaml.value.flatMap((file) =>
    rootsOf(file).map((root) => {
      const diagnostics: Diagnostic[] = [];
      const fields = new Fields(file, root, diagnostics);
      fields.checkDuplicates();
      return part(readers[kindOf(fields)](fields), diagnostics);
    }),
  );
  return atLeastOne(parts, part(undefined));
}

const atLeastOne = <T>(list: readonly T[], otherwise: T): T[] => (list.length > 0 ? [...list] : [otherwise]);

export interface LoadOptions {
  /** Also pages and deployment templates; nothing in them can be called by name. */
  readonly pages?: boolean | undefined;
}

/** Loads files and whole folders. One broken file never stops the rest. */
export async function loadContent(paths: readonly string[], options: LoadOptions = {}): Promise<LoadedContent> {
  const { texts, unreadable } = await readTexts(paths, options);
  const files = texts.flatMap(({ name, text }) => loadParts(text, name));
  return { files, diagnostics: [...unreadable, ...files.flatMap((file) => file.diagnostics)] };
}

/** A content file before it is parsed. */
export interface ContentText {
  readonly name: string;
  readonly text: string;
}

/** The texts that `loadContent` parses, in its order, and the paths that cannot be read. */
export async function readTexts(
  paths: readonly string[],
  options: LoadOptions = {},
): Promise<{ texts: readonly ContentText[]; unreadable: readonly Diagnostic[] }> {
  const texts: ContentText[] = [];
  const unreadable: Diagnostic[] = [];
  for (const path of paths) {
    for await (const found of contentFiles(path, options)) {
      if (typeof found === 'string') texts.push({ name: found, text: readText(found) });
      else unreadable.push(found);
    }
  }
  return { texts, unreadable };
}

/** The files that hold content under a path, in the order of their names, and what cannot be read there. */
export async function contentPaths(
  path: string,
  options: LoadOptions = {},
): Promise<{ paths: readonly string[]; unreadable: readonly Diagnostic[] }> {
  const paths: string[] = [];
  const unreadable: Diagnostic[] = [];
  for await (const found of contentFiles(path, options)) {
    if (typeof found === 'string') paths.push(found);
    else unreadable.push(found);
  }
  return { paths, unreadable };
}

/** Reads one file of `contentPaths`; one that cannot be read is broken. */
export function loadPath(path: string): LoadedFile[] {
  try {
    return loadParts(readText(path), path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === undefined) throw error;
    return [{ name: path, text: '', content: undefined, diagnostics: [cannotRead(path, error)] }];
  }
}

const cannotRead = (path: string, error: unknown): Diagnostic => ({
  code: 'CLI6002',
  severity: 'error',
  message: `${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'error'}`,
});

/** Many small files: reading them at once costs a tenth of a trip through the thread pool for each. */
function readText(path: string): string {
  const tooLarge = statSync(path).size > MAX_FILE_CHARS * MAX_BYTES_PER_CHAR;
  // A text over the limit is refused by its length; there is no need to read a whole disk image for it.
  return tooLarge ? ' '.repeat(MAX_FILE_CHARS + 1) : decoded(readFileSync(path));
}

/** Windows editors write a mark before UTF-8, or UTF-16. */
function decoded(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.subarray(2).toString('utf16le');
  if (bytes[0] === 0xfe && bytes[1] === 0xff) {
    const even = Buffer.from(bytes.subarray(2, bytes.length - (bytes.length % 2)));
    return even.swap16().toString('utf16le');
  }
  const text = bytes.toString('utf8');
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

const MAX_BYTES_PER_CHAR = 4;
const yamlExtensions = new Set(['.yaml', '.yml']);
const plainExtensions = new Set(['.kql', '.kusto', '.csl', '.txt']);
const pageExtensions = new Set(['.md', '.markdown']);
const skippedFolders = new Set(['node_modules', '.git']);

/** Paths of content files, by name, without the tests beside them; a diagnostic for a path that cannot be read. Links are not followed. */
async function* contentFiles(path: string, options: LoadOptions): AsyncGenerator<string | Diagnostic> {
  let folder: boolean;
  try {
    folder = (await stat(path)).isDirectory();
  } catch (error) {
    yield cannotRead(path, error);
    return;
  }
  if (!folder) {
    yield path;
    return;
  }
  let entries: Dirent[];
  try {
    entries = await readdir(path, { withFileTypes: true });
  } catch (error) {
    yield cannotRead(path, error);
    return;
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const inside = join(path, entry.name);
    const extension = extname(entry.name).toLowerCase();
    if (entry.isDirectory() && !skippedFolders.has(entry.name)) yield* contentFiles(inside, options);
    else if (!entry.isFile() || /\.test\.ya?ml$/.test(entry.name)) continue;
    else if (yamlExtensions.has(extension)) yield inside;
    else if (extension === '.txt') {
      // Folders hold text files of many kinds; a legacy parser has a pipe or a `let` at the start of a line.
      if (/^\s*(\||let\s+\w+\s*=)/m.test(glimpse(inside))) yield inside;
    } else if (plainExtensions.has(extension)) yield inside;
    else if (options.pages && pageExtensions.has(extension)) yield inside;
    else if (extension === '.json' && isRuleTemplate(glimpse(inside))) yield inside;
  }
}

/** The text that tells whether a file is one of ours; of data that are too large for that, or cannot be read, nothing. */
function glimpse(path: string): string {
  try {
    return statSync(path).size > MAX_FILE_CHARS * MAX_BYTES_PER_CHAR ? '' : decoded(readFileSync(path));
  } catch {
    return '';
  }
}

/** What the product exports: a template whose resources are analytic rules. */
const isRuleTemplate = (text: string): boolean =>
  /"type"\s*:\s*"Microsoft\.(?:OperationalInsights\/workspaces\/providers|SecurityInsights)\/alertRules"/i.test(text);

/** The mappings of a document that may be a rule or function: its top, or the entries of a list at its top. */
function rootsOf({ document, root }: YamlFile): YAMLMap[] {
  const resources = root && ruleResources(root);
  if (resources) return resources;
  if (root) return [root];
  return isSeq(document.contents) ? document.contents.items.filter(isMap) : [];
}

type Kind = keyof typeof readers;

const readers = {
  rule: readRule,
  hunting: readHunting,
  parser: readParser,
  function: readFunction,
  other: () => undefined,
} satisfies Record<string, (fields: Fields) => Content | undefined>;

function kindOf(fields: Fields): Kind {
  const any = (...keys: string[]) => keys.some((key) => fields.has(key));
  if (any('ParserQuery', 'ParserName')) return 'parser';
  if (any('FunctionQuery', 'FunctionName')) return 'function';
  if (any('kind')) {
    // Fusion, MLBehaviorAnalytics and the like have no query that could run.
    const kind = String(fields.node('kind')).trim().toLowerCase();
    return kind === 'scheduled' || kind === 'nrt' || any('query') ? 'rule' : 'other';
  }
  const template = any('tactics', 'relevantTechniques', 'requiredDataConnectors');
  // A severity alone does not make a rule: hunting queries have one too.
  const schedule = any('queryFrequency', 'queryPeriod', 'triggerOperator', 'triggerThreshold');
  if (schedule && (any('query', 'severity') || template)) return 'rule';
  return template || (any('query') && any('id', 'entityMappings')) ? 'hunting' : 'other';
}
