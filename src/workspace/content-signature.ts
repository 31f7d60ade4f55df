import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Changes when a file under one of the paths comes, goes or is written. Paths that do not exist count as empty. */
export async function contentSignature(paths: readonly string[]): Promise<string> {
  const parts: string[] = [];
  for (const path of paths) {
    const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => undefined);
    const files = entries
      ? entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name))
      : [path];
    for (const file of files.sort()) {
      const found = await stat(file).catch(() => undefined);
      if (found) parts.push(`${file} ${found.mtimeMs} ${found.size}`);
    }
  }
  return parts.join('\n');
}
