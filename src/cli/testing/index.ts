import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, vi } from 'vitest';
import { openStore } from '../../store/index.js';

/** Every command is a process that loads the parser anew. */
vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

const main = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command line as a process of its own. */
export async function vedette(args: readonly string[], input = '', cwd?: string): Promise<Ended> {
  const child = spawn(process.execPath, [main, ...args], { cwd, env: { ...process.env, FORCE_COLOR: undefined } });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [stdout, stderr, status] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.on('close', resolve)),
  ]);
  return { status, stdout, stderr };
}

/** The answer of a command that must succeed, read from its JSON. */
export async function answer<T>(args: readonly string[], input?: string): Promise<T> {
  const ended = await vedette([...args, '--json'], input);
  if (ended.status !== 0) throw new Error(`status ${ended.status}: ${ended.stderr}`);
  return JSON.parse(ended.stdout) as T;
}

/** Starts the command line and leaves the process to the test. */
export const spawned = (args: readonly string[]) => spawn(process.execPath, [main, ...args]);

/** A folder that is gone after the tests of the file. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'vedette-cli-'));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A workspace whose engine runs for all tests of the file, so that each command only joins it. */
export async function temporaryWorkspace(): Promise<{ dataDir: string; store: Awaited<ReturnType<typeof openStore>> }> {
  const dataDir = join(await temporaryFolder(), 'workspace');
  const store = await openStore({ dataDir });
  afterAll(() => store.close());
  return { dataDir, store };
}
