import {
  aggregateFunction,
  allEntries,
  type Entry,
  hostedFunction,
  type Refusal,
  scalarFunction,
  windowFunctionNamed,
} from '../functions/index.js';
import type { KnownNames } from '../kql/index.js';
import { operators } from './operators/index.js';
import { plugins } from './plugins/index.js';
import { refusedOperators, refusedPlugins, refusedStatements, refusedTables } from './refused.js';
import { isOperator, sources } from './sources.js';
import { specialCalls } from './special-calls.js';

/** What becomes of a name of the language: it runs, perhaps with a bounded error, or it is refused; undefined: nobody says. */
export type Coverage =
  | { readonly kind: 'implemented'; readonly approximate?: string | undefined }
  | Pick<Refusal, 'kind' | 'reason' | 'instead'>
  | undefined;

const implemented: Coverage = { kind: 'implemented' };

/** Functions of nodes and edges, refused outside a pattern. */
const ofGraphs = new Set(['all', 'any', 'map', 'inner_nodes', 'labels', 'node_degree_in', 'node_degree_out']);
/** Lowered in place, without an entry of their own. */
const loweredAggregates = new Set([
  'arg_max',
  'arg_min',
  'argmax',
  'argmin',
  'percentiles',
  'percentilesw',
  'buildschema',
]);
const statements = new Set([
  'ExpressionStatement',
  'LetStatement',
  'PatternStatement',
  'QueryParametersStatement',
  'SetOptionStatement',
]);
const tables = new Set(['MaterializeExpression', 'ToTableExpression']);

const ofEntry = (entry: Entry | undefined): Coverage =>
  entry === undefined || entry.kind === 'refusal' ? entry : { ...implemented, approximate: entry.approximate };

const functionNamed = (name: string): Entry | undefined => {
  const found = [hostedFunction(name), windowFunctionNamed(name), scalarFunction(name)];
  return found.find((e) => e !== undefined && e.kind !== 'refusal') ?? found.find((e) => e !== undefined);
};

/** Operators and plugins whose algorithm Kusto does not publish in full. */
const estimates: Readonly<Record<string, string>> = {
  ReduceByOperator:
    'the counts are those of the groups shown; how Kusto forms groups is published in outline only, so they may differ',
  autocluster: 'counts and percentages are exact; which of the overlapping patterns Kusto shows is not published',
  basket: 'exact, where Kusto samples: patterns close to the threshold may differ',
  diffpatterns: 'counts and percentages are exact; which of the overlapping patterns Kusto shows is not published',
  sequence_detect: 'a step is later than the one before; equal times give one sequence; Kusto documents neither',
};
const lowered = (name: string): Coverage => ({ ...implemented, approximate: estimates[name] });

const ofOperator = (kind: string): Coverage =>
  kind in operators || kind in sources ? lowered(kind) : refusedOperators[kind];

/** Coverage of a name of each group of the official parser's lists. */
export const coverageOf: { readonly [group in keyof KnownNames]: (name: string) => Coverage } = {
  functions: (name) =>
    name in specialCalls || isOperator(name) || ofGraphs.has(name) ? implemented : ofEntry(functionNamed(name)),
  aggregates: (name) => (loweredAggregates.has(name) ? implemented : ofEntry(aggregateFunction(name))),
  plugins: (name) => (name in plugins ? lowered(name) : refusedPlugins[name]),
  scalarOperators: (name) => (name === 'unary+' ? implemented : ofEntry(scalarFunction(name.replace('<>', '!=')))),
  operators: ofOperator,
  statements: (kind) => (statements.has(kind) ? implemented : refusedStatements[kind]),
  tables: (kind) =>
    tables.has(kind) || (kind in sources && !(kind in refusedTables)) ? implemented : refusedTables[kind],
};

/** Names with a refusal, by group; functions and aggregates share theirs. */
export const refusedNames: { readonly [group in keyof KnownNames]: readonly string[] } = {
  functions: allEntries().flatMap((e) => (e.kind === 'refusal' ? [e.name] : [])),
  aggregates: [],
  plugins: Object.keys(refusedPlugins),
  scalarOperators: [],
  operators: Object.keys(refusedOperators),
  statements: Object.keys(refusedStatements),
  tables: Object.keys(refusedTables),
};
