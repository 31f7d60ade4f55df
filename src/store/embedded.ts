import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { fail } from '../base/index.js';
import { type Address, type Connection, connect } from './connection.js';
import { defaultDatabase, engineConfig, engineUsers } from './engine-config.js';
import { engineLibrary } from './engine-library.js';

/** How to get at an engine, again and again: it may end at any time. */
export interface Engine {
  /** The connection in use. The first call may start an engine. */
  connection(): Promise<Connection>;
  /** A connection that answers, after `lost` did not. */
  renew(lost: Connection): Promise<Connection>;
  close(): Promise<void>;
}

const startTimeoutMs = 30_000;
/**
 * Every block of an insert is new memory, and in a virtual machine a page fault costs more than what is done with the page:
 * huge pages that are kept for a while take an insert from 44 faults per hundred rows to one, and half of its time.
 */
const allocator = 'thp:always,dirty_decay_ms:30000,muzzy_decay_ms:30000';
// From here and from the bundle of the command line alike.
const childFile = fileURLToPath(new URL('../store/engine-child.js', import.meta.url));

/** The engines of this process by data directory, so that stores on the same directory share one. */
const engines = new Map<string, { engine: EmbeddedEngine; users: number }>();

/**
 * The private engine of a data directory. All processes on the directory share one engine: the first one starts it and
 * owns it, its address stands in `engine.json`. The engine's own lock on its files settles every race: of several that
 * start at the same time, one gets the lock and the others end, so there is no lock file that could go stale. When the
 * owner ends, the engine ends, and the next process that misses it starts another.
 */
export async function openEmbedded(dataDir: string): Promise<Engine> {
  engineLibrary();
  const directory = await usableDirectory(dataDir);
  const shared = engines.get(directory) ?? { engine: new EmbeddedEngine(directory), users: 0 };
  shared.users += 1;
  engines.set(directory, shared);
  let open = true;
  return {
    connection: () => shared.engine.connection(),
    renew: (lost) => shared.engine.renew(lost),
    close: async () => {
      if (!open) return;
      open = false;
      shared.users -= 1;
      if (shared.users > 0) return;
      engines.delete(directory);
      await shared.engine.close();
    },
  };
}

async function usableDirectory(dataDir: string): Promise<string> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    const directory = await realpath(dataDir);
    await rm(await mkdtemp(join(directory, 'engine-')), { recursive: true });
    return directory;
  } catch (error) {
    return unusable(dataDir, error);
  }
}

const unusable = (directory: string, error: unknown) =>
  fail('ENG5004', `the data directory ${directory} cannot be used: ${(error as NodeJS.ErrnoException).code}`);

class EmbeddedEngine {
  private current: Promise<Connection> | undefined;
  private child: ChildProcess | undefined;
  private closed = false;

  constructor(private readonly directory: string) {}

  connection(): Promise<Connection> {
    if (this.closed) fail('ENG5002', 'the store is closed');
    if (!this.current) {
      const attempt = this.acquire();
      // A failed start must not stay: the next caller tries again.
      attempt.catch(() => {
        if (this.current === attempt) this.current = undefined;
      });
      this.current = attempt;
    }
    return this.current;
  }

  /** Many callers lose an engine at the same time; the first one replaces it for all. */
  async renew(lost: Connection): Promise<Connection> {
    const current = await this.current?.catch(() => undefined);
    if (current !== lost || this.closed) return this.connection();
    // One broken socket is no lost engine: closing would break everybody's requests.
    if ((await lost.admin.ping({ select: true })).success) return lost;
    if ((await this.current?.catch(() => undefined)) === lost) {
      this.current = undefined;
      void lost.close();
    }
    return this.connection();
  }

  async close(): Promise<void> {
    this.closed = true;
    const current = await this.current?.catch(() => undefined);
    await current?.close();
    await endChild(this.child);
  }

  private async acquire(): Promise<Connection> {
    const deadline = Date.now() + startTimeoutMs;
    let reason = 'another process holds its files but does not answer';
    while (Date.now() < deadline) {
      const running = await this.running();
      if (running) return running;
      const outcome = await this.start(deadline);
      if (typeof outcome !== 'string') return outcome;
      // The engine that holds the lock is starting or ending.
      if (!/Another server instance|Cannot lock file/.test(outcome)) {
        reason = outcome;
        if (!/Address already in use|EADDRINUSE/.test(outcome)) break;
      }
      await sleep(50 + Math.random() * 50);
    }
    return fail('ENG5001', `the engine did not start: ${reason}`, {
      hint: `look at ${this.directory}, or use a ClickHouse server with --server URL`,
    });
  }

  /** The engine that `engine.json` tells of, when it answers. */
  private async running(): Promise<Connection | undefined> {
    let address: Address;
    try {
      address = JSON.parse(await readFile(join(this.directory, 'engine.json'), 'utf8'));
    } catch {
      return undefined;
    }
    return answering(address);
  }

  /** Starts an engine and waits until it answers; gives the reason when it ends instead. */
  private async start(deadline: number): Promise<Connection | string> {
    const library = engineLibrary();
    const engineDirectory = join(this.directory, 'engine');
    const files = await this.makeDirectories(engineDirectory);
    try {
      const port = await freePort();
      const passwords = { admin: randomBytes(24).toString('hex'), reader: randomBytes(24).toString('hex') };
      const address: Address = {
        url: `http://127.0.0.1:${port}`,
        database: defaultDatabase,
        admin: { user: 'admin', password: passwords.admin },
        reader: { user: 'reader', password: passwords.reader },
      };
      const [config, users] = [join(files, 'config.xml'), join(files, 'users.xml')];
      await writeFile(config, engineConfig(engineDirectory, users, port), { mode: 0o600 });
      await writeFile(users, engineUsers(passwords, defaultDatabase), { mode: 0o600 });
      const child = spawn(process.execPath, [childFile, library, config], {
        // A directory that stays: the engine asks for it now and then.
        cwd: engineDirectory,
        stdio: ['pipe', 'ignore', 'pipe'],
        env: { PATH: process.env.PATH, TZ: 'UTC', LANG: 'C.UTF-8', JE_MALLOC_CONF: allocator },
      });
      let printed = '';
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        printed = (printed + text).slice(0, 4000);
      });
      const state = { ended: false };
      const ended = new Promise<void>((resolve) => {
        const end = () => {
          state.ended = true;
          resolve();
        };
        child.once('close', end).once('error', (error) => {
          printed ||= error.message;
          end();
        });
      });
      child.stdin?.on('error', () => {});
      while (!state.ended && Date.now() < deadline) {
        const connection = await answering(address);
        if (connection) {
          await this.own(child, address);
          return connection;
        }
        await Promise.race([ended, sleep(20)]);
      }
      await endChild(child);
      return firstLine(printed) || `it ended with status ${child.exitCode ?? child.signalCode}`;
    } finally {
      await rm(files, { recursive: true, force: true });
    }
  }

  /** The engine's directory, and one for the files of this start, whose name is the result. */
  private async makeDirectories(engineDirectory: string): Promise<string> {
    try {
      await mkdir(engineDirectory, { recursive: true, mode: 0o700 });
      return await mkdtemp(join(this.directory, 'engine-'));
    } catch (error) {
      return unusable(this.directory, error);
    }
  }

  private async own(child: ChildProcess, address: Address): Promise<void> {
    this.child = child;
    // The engine must not keep its owner's process alive: it ends with it anyway.
    child.unref();
    for (const stream of [child.stdin, child.stderr]) (stream as unknown as { unref?(): void } | null)?.unref?.();
    const file = join(this.directory, `engine.json.${process.pid}`);
    await writeFile(file, JSON.stringify({ ...address, pid: child.pid }), { mode: 0o600 });
    await chmod(file, 0o600);
    await rename(file, join(this.directory, 'engine.json'));
  }
}

/** A connection to the engine at the address, if it answers and knows our password. */
async function answering(address: Address): Promise<Connection | undefined> {
  const connection = connect(address);
  const { success } = await connection.admin.ping({ select: true });
  if (success) return connection;
  await connection.close();
  return undefined;
}

/** Ends the child as its owner's death would, then waits for it, so that no zombie stays. */
async function endChild(child: ChildProcess | undefined): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.ref();
  child.stdin?.end();
  const timer = setTimeout(() => child.kill('SIGKILL'), 2_000);
  await gone;
  clearTimeout(timer);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

const firstLine = (text: string) =>
  text
    .split('\n')
    .find((line) => line.trim() !== '')
    ?.slice(0, 500);
