import { type FSWatcher, statSync, watch } from 'node:fs';
import { dirname, join } from 'node:path';

/** An editor writes a file in several steps, and a checkout many files. */
const SETTLE_MS = 150;

/**
 * Calls back with the files that changed under the paths, once they are quiet, until the signal. While a call is at work
 * further changes wait and come together.
 */
export function watchPaths(
  paths: readonly string[],
  onChange: (files: readonly string[]) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const changed = new Set<string>();
    let timer: NodeJS.Timeout | undefined;
    let isBusy = false;
    const flush = async () => {
      if (isBusy || changed.size === 0) return;
      isBusy = true;
      const files = [...changed];
      changed.clear();
      await onChange(files).catch(end);
      isBusy = false;
      if (changed.size > 0) settle();
    };
    const settle = () => {
      clearTimeout(timer);
      timer = setTimeout(flush, SETTLE_MS);
    };
    const watchers = foldersOf(paths).map((folder): FSWatcher => {
      const watcher = watch(folder, { recursive: true }, (_, file) => {
        // Editors keep their own files beside; names that begin with a dot are nobody's rules.
        if (file === null || /(^|[\\/])(\.|node_modules[\\/])|~$/.test(file)) return;
        changed.add(join(folder, file));
        settle();
      });
      return watcher.on('error', end);
    });
    signal.addEventListener('abort', () => end(undefined), { once: true });
    function end(error: unknown) {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
      if (error === undefined) resolve();
      else reject(error);
    }
  });
}

const foldersOf = (paths: readonly string[]): string[] => [
  ...new Set(paths.map((path) => (statSync(path).isDirectory() ? path : dirname(path)))),
];
