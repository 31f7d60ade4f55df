import type { Diagnostic, Result } from '../base/index.js';
import type { Column } from '../tables/index.js';

/** Times of a run. All are milliseconds since the Unix epoch. */
export interface QueryRequest {
  /** What `now()` answers; the present when left out. */
  readonly at?: number | undefined;
  /**
   * Half-open window `[from, to)` for every table the query reads, inside views too: on TimeGenerated, or (as
   * near-real-time rules ask) on the time of ingestion.
   */
  readonly window?:
    | { readonly from: number; readonly to: number; readonly on?: 'TimeGenerated' | '_TimeReceived' }
    | undefined;
  /** Values of what the query declares as query_parameters: each as a literal of its type would be written. */
  readonly parameters?: Readonly<Record<string, string>> | undefined;
  /**
   * Conditions over the columns of the result, each one expression of KQL. The answer has a bool more for each, behind its
   * own columns.
   */
  readonly conditions?: readonly string[] | undefined;
  /** Names of the optimiser's rewrites to leave out; the answer is the same. */
  readonly without?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
  /** Where the query stands, for diagnostics: a file name, and the offset of the query's first character in its text. */
  readonly source?: QuerySource | undefined;
}

export interface QuerySource {
  readonly name: string;
  readonly text: string;
  /** Maps an offset in the query to one in `text`. */
  readonly map: (offset: number) => number;
}

/**
 * An answer in Kusto's JSON: long as number (digits past 2^53), real also "NaN", "Infinity", "-Infinity", datetime ISO
 * with up to 7 decimals and `Z`, timespan `[-][d.]hh:mm:ss[.fffffff]`, dynamic as JSON, null.
 */
export interface QueryResult {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly unknown[])[];
  /** Sources that were absent, render hints, approximations. */
  readonly notices: readonly Diagnostic[];
}

/** Runs KQL over one workspace. */
export interface QueryRunner {
  query(kql: string, request?: QueryRequest): Promise<Result<QueryResult>>;
}
