import { autocluster, basket, diffpatterns } from './basket.js';
import { externalData } from './external/index.js';
import { graphComponents, graphMatch } from './graph/index.js';
import type { HostedOperation } from './operation.js';
import { reduce } from './reduce.js';
import { sequenceDetect } from './sequence-detect.js';

export type { AutoclusterSettings, BasketSettings, DiffpatternsSettings } from './basket.js';
export { delimiters, type ExternalFormat, type ExternalSettings, formatOf } from './external/index.js';
export type { MatchOutput, MatchSettings, PatternEdge } from './graph/index.js';
export type { HostedOperation, HostedTable } from './operation.js';
export type { ReduceSettings } from './reduce.js';

const operations: readonly HostedOperation[] = [
  externalData,
  graphComponents,
  graphMatch,
  reduce,
  autocluster,
  basket,
  diffpatterns,
  sequenceDetect,
];

const table = new Map(operations.map((o) => [o.name, o]));

/** The operation that a Hosted node names; `call` is none of them: it evaluates a hosted function row by row. */
export const hostedOperation = (name: string): HostedOperation | undefined => table.get(name);
