import { copyFile, mkdir } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { Diagnostic } from '../base/index.js';
import { type LoadedFile, loadContent } from './load.js';

export interface ImportReport {
  readonly rules: number;
  readonly huntingQueries: number;
  /** Parsers and functions. */
  readonly parsers: number;
  /** Queries in pages and text files that nothing can call by name; they are not copied. */
  readonly looseQueries: number;
  /** Files that are broken; they are not copied. */
  readonly failed: number;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Copies the rules, hunting queries, parsers and functions under `from` into a workspace's content folder, under their
 * own folders, so that importing again brings them up to date. Files of other kinds stay behind.
 */
export async function importContent(from: string, into: string): Promise<ImportReport> {
  const { files, diagnostics } = await loadContent([from], { pages: true });
  const counts = { rule: 0, hunting: 0, parser: 0, function: 0, query: 0 };
  const copied = new Set<string>();
  for (const file of files) {
    if (!file.content) continue;
    counts[file.content.type]++;
    if (file.content.type === 'query' || copied.has(file.name)) continue;
    copied.add(file.name);
    const place = join(into, relative(from, file.name) || basename(file.name));
    if (resolve(place) === resolve(file.name)) continue;
    await mkdir(dirname(place), { recursive: true });
    await copyFile(file.name, place);
  }
  return {
    rules: counts.rule,
    huntingQueries: counts.hunting,
    parsers: counts.parser + counts.function,
    looseQueries: counts.query,
    failed: new Set(files.filter(isBroken).map((file) => file.name)).size,
    diagnostics,
  };
}

const isBroken = (file: LoadedFile) => file.diagnostics.some((d) => d.severity === 'error');
