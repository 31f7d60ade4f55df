import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fail } from '../../base/index.js';

/** Where secrets come from. A rule names one; it cannot name a file or variable of its own choice. */
export interface SecretPlaces {
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Folder with a file for each secret. */
  readonly folder?: string | undefined;
  /** Whether others may read the files, as where a platform mounts them. */
  readonly shared?: boolean | undefined;
}

const isName = /^[a-z0-9][a-z0-9_-]{0,63}$/i;
const fewestChars = 16;
const mostBytes = 16_384;

/** `soc-hook` is the variable VEDETTE_SECRET_SOC_HOOK. */
export const variableOf = (name: string): string => `VEDETTE_SECRET_${name.toUpperCase().replaceAll('-', '_')}`;

/** The lines of a secret: one, or more while it is being changed. Errors AUT7002, which never show a value. */
export async function secretLines(name: string, places: SecretPlaces): Promise<string[]> {
  if (!isName.test(name)) fail('AUT7002', `'${name}' is not the name of a secret`);
  const text = places.env?.[variableOf(name)] ?? (await fileText(name, places));
  if (text === undefined) {
    const file = places.folder ? ` or the file ${join(places.folder, name)}` : '';
    return fail('AUT7002', `there is no secret ${name}`, { hint: `set ${variableOf(name)}${file}` });
  }
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter(Boolean);
  if (lines.length === 0) fail('AUT7002', `the secret ${name} is empty`);
  return lines;
}

/** Keys for signatures, none so short that it could be guessed. */
export async function signingKeys(name: string, places: SecretPlaces): Promise<string[]> {
  const keys = await secretLines(name, places);
  if (keys.some((key) => key.length < fewestChars)) {
    fail('AUT7002', `the secret ${name} has fewer than ${fewestChars} characters`);
  }
  return keys;
}

async function fileText(name: string, { folder, shared }: SecretPlaces): Promise<string | undefined> {
  if (folder === undefined) return undefined;
  const path = join(folder, name);
  try {
    const { mode, size } = await stat(path);
    if (!shared && (mode & 0o077) !== 0) {
      fail('AUT7002', `others can read the secret ${path}`, { hint: `chmod 600 ${path}` });
    }
    if (size > mostBytes) fail('AUT7002', `the secret ${path} is larger than ${mostBytes} bytes`);
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return fail('AUT7002', `the secret ${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
}
