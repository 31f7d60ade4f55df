import type { Setup } from './inline-tables.js';

export interface QueryOptions {
  /** What `now()` answers; ISO 8601 text, milliseconds since the epoch or a Date; the present when left out. */
  readonly at?: string | number | Date | undefined;
  /** ISO 8601 duration back from `at`, or `from/to`. Without it the query sees all rows. */
  readonly timespan?: string | undefined;
  /** Values of what the query declares as query_parameters: each as a literal of its type would be written. */
  readonly parameters?: Readonly<Record<string, string>> | undefined;
  /** Names of the optimiser's rewrites to leave out (`vedette sql --help` lists them); the answer is the same. */
  readonly without?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
  /** Tables that stand for this query only. */
  readonly setup?: Setup | undefined;
  /** The file that the query was read from, for diagnostics. */
  readonly name?: string | undefined;
}
