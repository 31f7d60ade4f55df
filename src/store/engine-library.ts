import { createRequire } from 'node:module';
import { fail } from '../base/index.js';

/** The file of the ClickHouse library for this platform. Fails with ENG5001 when npm did not install one. */
export function engineLibrary(platform: string = process.platform, arch: string = process.arch): string {
  const name = `@chdb/lib-${platform}-${arch}${platform === 'linux' ? '-gnu' : ''}`;
  try {
    return createRequire(import.meta.url).resolve(`${name}/libchdb.so`);
  } catch {
    return fail('ENG5001', `there is no embedded engine for this platform: the package ${name} is not installed`, {
      hint: 'install with optional dependencies, or use a ClickHouse server with --server URL',
    });
  }
}
