import { setTimeout as pause } from 'node:timers/promises';
import { type Diagnostic, DiagnosticError } from '../base/index.js';
import { republishIndicators } from '../ingest/index.js';
import type { Engine } from './engine.js';

const hour = 3_600_000;
const day = 24 * hour;

/** Keeps indicators that still hold in sight of rules, which look a limited time back: once a day. */
export class IndicatorUpkeep {
  private lookedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly engine: Engine) {}

  async look(): Promise<void> {
    const { store, clock } = this.engine;
    const now = clock.now();
    if (now - this.lookedAt < day) return;
    await republishIndicators(store, now);
    this.lookedAt = now;
  }

  /** Works until the signal; what fails is told and tried again an hour later. */
  async watch(signal: AbortSignal, onTrouble: (diagnostics: readonly Diagnostic[]) => void): Promise<void> {
    while (!signal.aborted) {
      await this.look().catch((error: unknown) => onTrouble(troubleOf(error)));
      await pause(hour, undefined, { signal, ref: false }).catch(() => {});
    }
  }
}

const troubleOf = (error: unknown): readonly Diagnostic[] =>
  error instanceof DiagnosticError
    ? error.diagnostics
    : [{ code: 'CLI6003', severity: 'error', message: error instanceof Error ? error.message : String(error) }];
