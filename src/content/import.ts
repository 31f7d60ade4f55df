import { copyFile, mkdir } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { type Diagnostic, DiagnosticError } from '../base/index.js';
import { contentPaths, type LoadedFile, loadPath } from './load.js';
import type { Content } from './model.js';

export interface ImportReport {
  readonly rules: number;
  readonly huntingQueries: number;
  /** Parsers and functions. */
  readonly parsers: number;
  /** Queries in pages and text files that nothing can call by name; they are not copied. */
  readonly looseQueries: number;
  /** Files that are broken, wholly or in part, or could not be copied. */
  readonly failed: number;
  /** All files that may hold content, in the order of their names. */
  readonly files: readonly ImportedFile[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface ImportedFile {
  /** Path under the folder that was imported. */
  readonly file: string;
  /**
   * imported: copied. partly: copied, but something in it is broken. queries: only queries without a name, left where they
   * are. failed: broken, or could not be copied. other: nothing of ours.
   */
  readonly outcome: 'imported' | 'partly' | 'queries' | 'failed' | 'other';
  /** What it holds: how many things of each kind. */
  readonly holds: Readonly<Partial<Record<Content['type'], number>>>;
  /** Errors and warnings, with their place. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface ImportOptions {
  readonly onFile?: ((done: number, files: number) => void) | undefined;
}

/**
 * Copies the rules, hunting queries, parsers and functions under `from` into a workspace's content folder, under their
 * own folders, so that importing again brings them up to date. Files of other kinds stay behind. Files are read one by
 * one: a checkout may hold any number.
 *
 * Errors  CLI6002 `from` cannot be read
 */
export async function importContent(from: string, into: string, options: ImportOptions = {}): Promise<ImportReport> {
  const { paths, unreadable } = await contentPaths(from, { pages: true });
  if (paths.length === 0 && unreadable.length > 0) throw new DiagnosticError(unreadable);
  const files: ImportedFile[] = [];
  for (const path of paths) {
    files.push(await importFile(path, relative(from, path) || basename(path), into));
    options.onFile?.(files.length, paths.length);
  }
  const held = (type: Content['type']) => files.reduce((n, f) => n + (f.holds[type] ?? 0), 0);
  return {
    ...{ rules: held('rule'), huntingQueries: held('hunting'), parsers: held('parser') + held('function') },
    ...{ looseQueries: held('query'), files },
    failed: files.filter((f) => f.outcome === 'failed' || f.outcome === 'partly').length,
    diagnostics: [...unreadable, ...files.flatMap((f) => f.diagnostics)],
  };
}

async function importFile(path: string, file: string, into: string): Promise<ImportedFile> {
  const parts = loadPath(path);
  const diagnostics = parts.flatMap((part) => part.diagnostics);
  const holds: Partial<Record<Content['type'], number>> = {};
  for (const { content } of parts) if (content) holds[content.type] = (holds[content.type] ?? 0) + 1;
  const isBroken = parts.some(hasError);
  const kept = parts.some((part) => part.content && part.content.type !== 'query');
  if (!kept) return { file, holds, diagnostics, outcome: isBroken ? 'failed' : holds.query ? 'queries' : 'other' };
  const place = join(into, file);
  try {
    if (resolve(place) !== resolve(path)) {
      await mkdir(dirname(place), { recursive: true });
      await copyFile(path, place);
    }
  } catch (error) {
    const message = `${place} cannot be written: ${(error as NodeJS.ErrnoException).code ?? 'error'}`;
    const problem: Diagnostic = { code: 'CLI6002', severity: 'error', message };
    return { file, holds: {}, diagnostics: [...diagnostics, problem], outcome: 'failed' };
  }
  return { file, holds, diagnostics, outcome: isBroken ? 'partly' : 'imported' };
}

const hasError = (file: LoadedFile) => file.diagnostics.some((d) => d.severity === 'error');
