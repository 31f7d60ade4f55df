import type { Rel } from '../../ir/index.js';
import type { Node } from '../../kql/index.js';
import type { Context } from '../context.js';
import { graphMarkComponents } from '../graph/components.js';
import { makeGraph } from '../graph/make-graph.js';
import { graphMatch, graphShortestPaths } from '../graph/match.js';
import { graphToTable } from '../graph/to-table.js';
import { as } from './as.js';
import { assertSchema } from './assert-schema.js';
import { count } from './count.js';
import { distinct } from './distinct.js';
import { evaluate } from './evaluate.js';
import { extendOperator } from './extend.js';
import { getschema } from './getschema.js';
import { sampleDistinct, topHitters } from './hitters.js';
import { invoke } from './invoke.js';
import { join } from './join.js';
import { lookup } from './lookup.js';
import { makeSeries } from './make-series.js';
import { mvApply } from './mv-apply.js';
import { mvExpand } from './mv-expand.js';
import { parse, parseWhere } from './parse.js';
import { parseKv } from './parse-kv.js';
import { partition } from './partition.js';
import { projectAway, projectKeep, projectOperator, projectRename, projectReorder } from './project.js';
import { projectByNames } from './project-by-names.js';
import { reduce } from './reduce.js';
import { render } from './render.js';
import { scan } from './scan.js';
import { lowerSearch } from './search.js';
import { serialize } from './serialize.js';
import { sort, top } from './sort.js';
import { summarize } from './summarize.js';
import { take } from './take.js';
import { topNested } from './top-nested.js';
import { lowerUnion } from './union.js';
import { where } from './where.js';

/** Turns an operator and the rows that reach it into a relation. */
export type LowerOperator = (node: Node, input: Rel, cx: Context) => Rel;

/** By the official name of the operator's node. */
export const operators: Record<string, LowerOperator> = {
  AsOperator: as,
  AssertSchemaOperator: assertSchema,
  ConsumeOperator: (_node, input) => input,
  CountOperator: count,
  DistinctOperator: distinct,
  EvaluateOperator: evaluate,
  ExtendOperator: extendOperator,
  FilterOperator: where,
  GetSchemaOperator: getschema,
  GraphMarkComponentsOperator: graphMarkComponents,
  GraphMatchOperator: graphMatch,
  GraphShortestPathsOperator: graphShortestPaths,
  GraphToTableOperator: graphToTable,
  InvokeOperator: invoke,
  JoinOperator: join,
  LookupOperator: lookup,
  MakeGraphOperator: makeGraph,
  MakeSeriesOperator: makeSeries,
  MvApplyOperator: mvApply,
  MvExpandOperator: mvExpand,
  ParseKvOperator: parseKv,
  ParseOperator: parse,
  ParseWhereOperator: parseWhere,
  PartitionOperator: partition,
  ProjectAwayOperator: projectAway,
  ProjectByNamesOperator: projectByNames,
  ProjectKeepOperator: projectKeep,
  ProjectOperator: projectOperator,
  ProjectRenameOperator: projectRename,
  ProjectReorderOperator: projectReorder,
  ReduceByOperator: reduce,
  RenderOperator: render,
  SampleOperator: take,
  SampleDistinctOperator: sampleDistinct,
  ScanOperator: scan,
  SearchOperator: lowerSearch,
  SerializeOperator: serialize,
  SortOperator: sort,
  SummarizeOperator: summarize,
  TakeOperator: take,
  TopHittersOperator: topHitters,
  TopNestedOperator: topNested,
  TopOperator: top,
  UnionOperator: lowerUnion,
};
