import type { Diagnostic } from '../base/index.js';
import type { AutomationReport } from './automation-service.js';

/** `report`: counted per rule. `rerun`: the windows are run again and new results are added. */
export type LateMode = 'off' | 'report' | 'rerun';

/** One attempt at a run. Times are milliseconds since the epoch. */
export interface RunReport {
  readonly ruleId: string;
  readonly ruleName: string;
  readonly nominal: number;
  readonly ranAt: number;
  readonly durationMs: number;
  readonly result: 'done' | 'repeated' | 'suppressed' | 'late results' | 'failed' | 'disabled';
  readonly resultCount: number;
  readonly alertCount: number;
  readonly reason: string;
}

export interface WatchOptions {
  /** How far back gaps are filled; by default 14 days for scheduled rules and a day for NRT rules. */
  readonly catchUpMs?: number | undefined;
  /** What happens when rows arrive after the run that should have seen them; default `report`. */
  readonly late?: LateMode | undefined;
  /** Runs at the same time; default 2. */
  readonly lanes?: number | undefined;
  /** Limit of one run's query in milliseconds. */
  readonly timeoutMs?: number | undefined;
  readonly onRun?: ((report: RunReport) => void) | undefined;
  /** What automation did: rules whose conditions were met, and webhooks that were tried. */
  readonly onAutomation?: ((report: AutomationReport) => void) | undefined;
  /** What went wrong outside of any run: the engine is away, a content file is broken. */
  readonly onTrouble?: ((diagnostics: readonly Diagnostic[]) => void) | undefined;
}
