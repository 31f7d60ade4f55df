import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { Diagnostic } from '../base/index.js';
import { Fields } from './fields.js';
import { readFunction, readParser, readPlainFunction } from './function.js';
import type { Content } from './model.js';
import { readHunting, readRule } from './rule.js';
import { MAX_FILE_CHARS, readYaml } from './yaml-file.js';

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

/** Reads one text. Its kind follows from its keys, as files of all kinds lie in the same folders. */
export function loadFile(text: string, name: string): LoadedFile {
  if (plainExtensions.has(extname(name).toLowerCase())) {
    return { name, text, content: readPlainFunction(name, text), diagnostics: [] };
  }
  const yaml = readYaml(name, text);
  if (!yaml.ok) return { name, text, content: undefined, diagnostics: yaml.diagnostics };
  const { root } = yaml.value;
  if (!root) return { name, text, content: undefined, diagnostics: [] };
  const diagnostics: Diagnostic[] = [];
  const fields = new Fields(yaml.value, root, diagnostics);
  fields.checkDuplicates();
  const content = readers[kindOf(fields)](fields);
  const broken = diagnostics.some((d) => d.severity === 'error');
  return { name, text, content: broken ? undefined : content, diagnostics };
}

/** Loads files and whole folders. One broken file never stops the rest. */
export async function loadContent(paths: readonly string[]): Promise<LoadedContent> {
  const files: LoadedFile[] = [];
  const unreadable: Diagnostic[] = [];
  for (const path of paths) {
    for await (const found of contentFiles(path)) {
      if (typeof found !== 'string') unreadable.push(found);
      else files.push(await loadPath(found));
    }
  }
  return { files, diagnostics: [...unreadable, ...files.flatMap((file) => file.diagnostics)] };
}

async function loadPath(path: string): Promise<LoadedFile> {
  const tooLarge = (await stat(path)).size > MAX_FILE_CHARS * MAX_BYTES_PER_CHAR;
  // A text over the limit is refused by its length; there is no need to read a whole disk image for it.
  const text = tooLarge ? ' '.repeat(MAX_FILE_CHARS + 1) : await readFile(path, 'utf8');
  return loadFile(text, path);
}

const MAX_BYTES_PER_CHAR = 4;
const yamlExtensions = new Set(['.yaml', '.yml']);
const plainExtensions = new Set(['.kql', '.txt']);
const skippedFolders = new Set(['node_modules', '.git']);

/** Paths of content files, by name, without the tests beside them; a diagnostic for a path that cannot be read. Links are not followed. */
async function* contentFiles(path: string): AsyncGenerator<string | Diagnostic> {
  let folder: boolean;
  try {
    folder = (await stat(path)).isDirectory();
  } catch (error) {
    yield {
      code: 'CLI6002',
      severity: 'error',
      message: `${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'error'}`,
    };
    return;
  }
  if (!folder) {
    yield path;
    return;
  }
  const entries = await readdir(path, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const inside = join(path, entry.name);
    const extension = extname(entry.name).toLowerCase();
    if (entry.isDirectory() && !skippedFolders.has(entry.name)) yield* contentFiles(inside);
    else if (!entry.isFile() || /\.test\.ya?ml$/.test(entry.name)) continue;
    else if (yamlExtensions.has(extension) || extension === '.kql') yield inside;
    // Folders hold text files of many kinds; a legacy parser has a pipe or a `let` at the start of a line.
    else if (extension === '.txt' && /^\s*(\||let\s+\w+\s*=)/m.test(await readFile(inside, 'utf8'))) yield inside;
  }
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
