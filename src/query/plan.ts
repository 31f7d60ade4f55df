import type { Result } from '../base/index.js';
import type { Rel } from '../ir/index.js';
import type { Step } from '../lower/index.js';
import type { QueryRequest, QueryResult, QueryRunner } from './result.js';

/** A query taken apart: its operators, and the means to look at the rows between them. */
export interface Plan {
  readonly steps: readonly Step[];
  /** How many rows each relation has in the run that was asked for; parts that several have in common run once. */
  counts(rels: readonly Rel[]): Promise<Result<readonly number[]>>;
  rows(rel: Rel): Promise<Result<QueryResult>>;
}

/** A runner that can also explain. */
export interface ExplainRunner extends QueryRunner {
  plan(kql: string, request?: QueryRequest): Promise<Result<Plan>>;
}
