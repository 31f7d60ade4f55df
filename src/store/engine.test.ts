import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tableSchema } from '../tables/index.js';
import { engineLibrary } from './engine-library.js';
import { openStore, type Store } from './index.js';

const built = fileURLToPath(new URL('../../dist/store/index.js', import.meta.url));
const table = tableSchema('Shared_CL', [{ name: 'n', type: 'int' }]);
const time = '2026-01-01T00:00:00Z';

let dataDir: string;
const stores: Store[] = [];
const processes: ChildProcess[] = [];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'vedette-engine-'));
});
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
  for (const child of processes.splice(0)) child.kill('SIGKILL');
  await rm(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

async function open(): Promise<Store> {
  const store = await openStore({ dataDir });
  stores.push(store);
  return store;
}

const engineFile = () => join(dataDir, 'engine.json');
const enginePid = (): number => JSON.parse(readFileSync(engineFile(), 'utf8')).pid;
const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // A zombie still takes signals.
  return !existsSync('/proc') || !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
};
async function gone(pid: number): Promise<boolean> {
  for (let i = 0; i < 100 && alive(pid); i++) await sleep(50);
  return !alive(pid);
}

/** Another process with the built package. `body` sees `store`; what it prints with `say` comes back. */
function elsewhere(body: string): { child: ChildProcess; said: Promise<string>; ended: Promise<number | null> } {
  const code = `import { openStore } from ${JSON.stringify(`file://${built}`)};
    const say = (text) => process.stdout.write(String(text) + '\\n');
    const store = await openStore({ dataDir: ${JSON.stringify(dataDir)} });
    ${body}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['pipe', 'pipe', 'inherit'] });
  processes.push(child);
  let text = '';
  const said = new Promise<string>((resolve) => {
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('\n')) resolve(text.trim());
    });
    child.once('close', () => resolve(text.trim()));
  });
  return { child, said, ended: new Promise((resolve) => child.once('exit', resolve)) };
}
const staying = "await store.query('SELECT 1'); say('up'); setInterval(() => {}, 1000);";

describe('the private engine', () => {
  it('starts on demand, ends with close, and keeps its data', async () => {
    const first = await openStore({ dataDir });
    expect(existsSync(engineFile())).toBe(false);
    await first.ensureTable(table);
    await first.insert('Shared_CL', [{ TimeGenerated: time, n: 1 }]);
    const pid = enginePid();
    const id = await first.workspaceId();
    await first.close();
    expect(alive(pid)).toBe(false);
    await expect(first.query('SELECT 1')).rejects.toThrow(/ENG5002/);
    const second = await open();
    expect((await second.query('SELECT n FROM Shared_CL')).rows).toEqual([[1]]);
    expect(await second.workspaceId()).toBe(id);
  });

  it('keeps its secrets to the owner of the directory', async () => {
    const store = await open();
    await store.query('SELECT 1');
    expect(statSync(engineFile()).mode & 0o077).toBe(0);
    const address = JSON.parse(readFileSync(engineFile(), 'utf8'));
    expect(address.url).toMatch(/^http:\/\/127\.0\.0\.1:/);
    const listed = execFileSync('ps', ['-ww', '-o', 'args=', '-p', String(address.pid)], { encoding: 'utf8' });
    for (const { password } of [address.admin, address.reader]) {
      expect(password).toMatch(/^[0-9a-f]{48}$/);
      expect(listed).not.toContain(password);
    }
    // Nothing of the start stays behind.
    expect(readdirSync(dataDir).sort()).toEqual(['engine', 'engine.json']);
  });

  it('is shared by stores of one process', async () => {
    const [first, second] = [await open(), await open()];
    await Promise.all([first.query('SELECT 1'), second.query('SELECT 1')]);
    const pid = enginePid();
    await first.close();
    expect(alive(pid)).toBe(true);
    expect((await second.query('SELECT 2')).rows).toEqual([[2]]);
  });

  it('is replaced when it dies, without a caller noticing', async () => {
    const store = await open();
    await store.ensureTable(table);
    await store.insert('Shared_CL', [{ TimeGenerated: time, n: 1 }]);
    const pid = enginePid();
    const slow = store.query('SELECT sleepEachRow(0.2), number FROM numbers(10) SETTINGS max_block_size = 1');
    await sleep(300);
    process.kill(pid, 'SIGKILL');
    const answers = await Promise.all([slow, ...Array.from({ length: 20 }, (_, i) => store.query(`SELECT ${i}`))]);
    expect(answers[0]?.rows.length).toBe(10);
    await store.insert('Shared_CL', [{ TimeGenerated: time, n: 2 }]);
    expect((await store.query('SELECT n FROM Shared_CL ORDER BY n')).rows).toEqual([[1], [2]]);
    expect(enginePid()).not.toBe(pid);
  });

  it('loses and doubles no row when it is killed again and again while rows come in', async () => {
    const store = await open();
    await store.ensureTable(table);
    let stored = 0;
    for (let kill = 0; kill < 3; kill++) {
      const pid = enginePid();
      const timer = setTimeout(() => process.kill(pid, 'SIGKILL'), 400 + 100 * kill);
      while (enginePid() === pid) {
        await store.insert(
          'Shared_CL',
          Array.from({ length: 500 }, (_, i) => ({ TimeGenerated: time, n: stored + i })),
        );
        stored += 500;
      }
      clearTimeout(timer);
    }
    const { rows } = await store.query('SELECT count(), uniqExact(n) FROM Shared_CL');
    expect(rows).toEqual([[String(stored), String(stored)]]);
  });

  it('starts beside the remains of a dead one', async () => {
    writeFileSync(engineFile(), '{ not json');
    const store = await open();
    await store.query('SELECT 1');
    const pid = enginePid();
    await store.close();
    // Now the file tells of an engine that is gone.
    expect(enginePid()).toBe(pid);
    expect((await (await open()).query('SELECT 1')).rows).toEqual([[1]]);
  });

  it('says what to do when the directory or the platform cannot be used', async () => {
    const file = join(dataDir, 'file');
    writeFileSync(file, '');
    await expect(openStore({ dataDir: join(file, 'below') })).rejects.toThrow(/ENG5004/);
    expect(() => engineLibrary('win32', 'x64')).toThrow(/ENG5001.*@chdb\/lib-win32-x64/);
  });

  it('says why an engine does not start, and tries again at the next call', async () => {
    writeFileSync(join(dataDir, 'engine'), 'no directory');
    const store = await open();
    await expect(store.query('SELECT 1')).rejects.toThrow(/ENG500[14]/);
    await rm(join(dataDir, 'engine'));
    expect((await store.query('SELECT 1')).rows).toEqual([[1]]);
  });
});

describe.skipIf(!existsSync(built))('several processes (needs the built package)', () => {
  it('share one engine, whoever is first', async () => {
    const others = Array.from({ length: 4 }, () => elsewhere(staying));
    const store = await open();
    await store.query('SELECT 1');
    expect(await Promise.all(others.map(({ said }) => said))).toEqual(['up', 'up', 'up', 'up']);
    const engines = execFileSync('ps', ['-ww', '-eo', 'args='], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line.includes('engine-child.js') && line.includes(dataDir));
    expect(engines.length).toBe(1);
  });

  it('go on when the owner of the engine is killed, and the engine dies with it', async () => {
    const owner = elsewhere(staying);
    expect(await owner.said).toBe('up');
    const pid = enginePid();
    const store = await open();
    await store.ensureTable(table);
    await store.insert('Shared_CL', [{ TimeGenerated: time, n: 1 }]);
    expect(enginePid()).toBe(pid);
    owner.child.kill('SIGKILL');
    expect(await gone(pid)).toBe(true);
    expect((await store.query('SELECT n FROM Shared_CL')).rows).toEqual([[1]]);
    expect(enginePid()).not.toBe(pid);
  });

  it('go on in the middle of a query when the owner exits', async () => {
    const owner = elsewhere(`${staying} process.stdin.on('data', () => process.exit(0));`);
    expect(await owner.said).toBe('up');
    const store = await open();
    const slow = store.query('SELECT sleepEachRow(0.2), number FROM numbers(10) SETTINGS max_block_size = 1');
    await sleep(300);
    owner.child.stdin?.write('exit\n');
    expect((await slow).rows.length).toBe(10);
  });

  it('end by themselves when they forget to close the store', async () => {
    const other = elsewhere("await store.query('SELECT 1'); say('up');");
    expect(await other.said).toBe('up');
    const pid = enginePid();
    expect(await Promise.race([other.ended, sleep(10_000, 'hangs')])).toBe(0);
    expect(await gone(pid)).toBe(true);
  });
});
