import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Compiled } from './compile.js';

/** What a compiled query depends on. Times of the run are parameters of the statement, so they are not among it. */
export interface CacheKey {
  readonly kql: string;
  /** Hash of the stored functions that the query may call. */
  readonly functions: string;
  readonly tables: readonly string[];
  readonly windowOn: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * Compiled queries by content, in memory and in a folder. Binding a rule over the session view takes seconds in a new
 * process, reading it back a millisecond. A file that cannot be read or written only costs a compilation.
 */
export class QueryCache {
  private readonly known = new Map<string, Compiled>();

  constructor(private readonly folder: string | undefined) {}

  async find(key: CacheKey): Promise<Compiled | undefined> {
    const name = nameOf(key);
    const known = this.known.get(name);
    if (known || !this.folder) return known;
    try {
      const read = JSON.parse(await readFile(join(this.folder, `${name}.json`), 'utf8')) as Compiled;
      this.known.set(name, read);
      return read;
    } catch {
      return undefined;
    }
  }

  async keep(key: CacheKey, compiled: Compiled): Promise<void> {
    const name = nameOf(key);
    this.known.set(name, compiled);
    if (!this.folder) return;
    const draft = join(this.folder, `${name}.${randomUUID()}.tmp`);
    try {
      await mkdir(this.folder, { recursive: true, mode: 0o700 });
      await writeFile(draft, JSON.stringify(compiled), { mode: 0o600 });
      await rename(draft, join(this.folder, `${name}.json`));
    } catch {
      // The next process compiles again.
    }
  }
}

const nameOf = (key: CacheKey): string =>
  createHash('sha256')
    .update(
      JSON.stringify([compilerVersion(), key.kql, key.functions, [...key.tables].sort(), key.windowOn, key.parameters]),
    )
    .digest('hex');

let version: string | undefined;

const modulesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true })
    .map((file) => join(folder, String(file)))
    .filter((file) => /\.(js|ts)$/.test(file))
    .sort();

/**
 * Changes whenever a file of the compiler does, so that an update never runs what an older version compiled. In the bundle
 * of the command line that is one file.
 */
function compilerVersion(): string {
  if (version === undefined) {
    const own = fileURLToPath(import.meta.url);
    const hash = createHash('sha256');
    for (const file of /\bquery\/cache\.[jt]s$/.test(own) ? modulesOf(join(own, '../..')) : [own]) {
      const { mtimeMs, size } = statSync(file);
      hash.update(`${file} ${mtimeMs} ${size}\n`);
    }
    version = hash.digest('hex');
  }
  return version;
}
