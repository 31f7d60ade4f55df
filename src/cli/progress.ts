import { Presets, SingleBar } from 'cli-progress';

export interface Progress {
  update(done: number, total: number, note?: string): void;
  stop(): void;
}

/** A bar on stderr while a person watches; nothing when stderr is a file or a pipe. */
export function progress(what: string): Progress {
  if (!process.stderr.isTTY) return { update: () => {}, stop: () => {} };
  const bar = new SingleBar(
    {
      format: `${what} {bar} {percentage}% {note}`,
      stream: process.stderr,
      clearOnComplete: true,
      hideCursor: true,
      barsize: 30,
    },
    Presets.shades_classic,
  );
  let isRunning = false;
  return {
    update(done, total, note = '') {
      if (!isRunning) bar.start(total, 0, { note });
      isRunning = true;
      bar.setTotal(total);
      bar.update(done, { note });
    },
    stop() {
      if (isRunning) bar.stop();
    },
  };
}
