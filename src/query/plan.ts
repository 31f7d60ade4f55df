import type { Result } from '../base/index.js';
import type { Rel } from '../ir/index.js';
import type { Step } from '../lower/index.js';
import type { QueryRequest, QueryResult, QueryRunner } from './result.js';

/** A query taken apart: its operators, and the means to look at the rows between them. */
export interface Plan {
  readonly steps: readonly Step[];
  /** The whole query. */
  readonly result: Rel;
  /** How many rows each relation has in the run that was asked for; parts that several have in common run once. */
  counts(rels: readonly Rel[]): Promise<Result<readonly number[]>>;
  rows(rel: Rel): Promise<Result<QueryResult>>;
  /** What it takes to come to the rows of a relation, everything before it included. */
  cost(rel: Rel): Promise<Result<Cost>>;
}

export interface Cost {
  /** Milliseconds on the clock. */
  readonly ms: number;
  /** Rows that the engine read from tables and from results that it had put aside. */
  readonly rowsRead: number;
}

/** A runner that can also explain. */
export interface ExplainRunner extends QueryRunner {
  plan(kql: string, request?: QueryRequest): Promise<Result<Plan>>;
}
