import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { spawned, temporaryWorkspace } from './testing/index.js';

const month = fileURLToPath(new URL('../../bench/month.mjs', import.meta.url));

it('alerts in three hours as an undisturbed scheduler does, each alert once, through kills of schedulers and engine', async () => {
  // It ends with status 1, and so throws, when the two worlds differ.
  const args = [month, '--days=0.125', '--kills=10', '--fine-hours=0.25'];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  expect(stdout).toMatch(/missing 0, extra 0, more than once 0/);
  expect(stdout).toMatch(/disturbed: \d+ alerts, .* 10 kills/);
}, 600_000);

it('watch ends with success on SIGTERM', async () => {
  const { dataDir } = await temporaryWorkspace();
  const child = spawned(['watch', '--data', dataDir]);
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  expect(child.exitCode).toBeNull();
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});
