import { graphComponents, graphMatch } from './graph/index.js';
import type { HostedOperation } from './operation.js';

export type { MatchOutput, MatchSettings, PatternEdge } from './graph/index.js';
export type { HostedOperation, HostedTable } from './operation.js';

const operations: readonly HostedOperation[] = [graphComponents, graphMatch];

const table = new Map(operations.map((o) => [o.name, o]));

/** The operation that a Hosted node names; `call` is none of them: it evaluates a hosted function row by row. */
export const hostedOperation = (name: string): HostedOperation | undefined => table.get(name);
