import { type Refusal, refuse } from '../functions/index.js';

/** Parts of the language that Vedette knows and does not run; functions have their refusals in the function table. */
const byName = (...refusals: Refusal[]): Readonly<Record<string, Refusal>> =>
  Object.fromEntries(refusals.map((r) => [r.name, r]));

const severalResults = 'a query has one result';
const oneByOne = 'run the queries one by one';
const files = 'read the records in as a table: vedette ingest, or datatable and let for a few rows';

/** By the official name of the operator's node. */
export const refusedOperators = byName(
  refuse('ExecuteAndCacheOperator', 'it is internal to the service', 'materialize()'),
  refuse('FacetOperator', severalResults, oneByOne),
  refuse('ForkOperator', severalResults, oneByOne),
  refuse('MacroExpandOperator', 'there are no entity groups', 'union'),
  refuse('PartitionByOperator', 'it is internal to the service', 'partition by'),
  ...['GraphWhereNodes', 'GraphWhereEdges'].map((n) =>
    refuse(`${n}Operator`, 'it is not documented', 'where on the tables of nodes and edges before make-graph'),
  ),
);

/** By the official name of the statement's node. */
export const refusedStatements = byName(
  refuse('AliasStatement', 'there is one database', 'the tables, by their names'),
  refuse('RestrictStatement', 'whoever may read the data directory reads all of it', 'a data directory of its own'),
);

/** Expressions that give a table, by the official name of their node. */
export const refusedTables = byName(
  refuse('ContextualDataTableExpression', 'it is internal to the service', 'datatable'),
  refuse('DataScopeExpression', 'there are no hot and cold data', 'the table itself'),
  refuse('MaterializedViewCombineExpression', 'there are no materialized views', 'a stored function over the table'),
);

const noModels = 'a query sends no data to a language model';
const noCode = 'a query runs no code of another language';
const noNetwork = 'a query reads from no other system';

/** By name in lower case. */
export const refusedPlugins = byName(
  refuse('ai_chat_completion', noModels, 'export the rows and call the model from a program'),
  refuse('ai_chat_completion_prompt', noModels, 'export the rows and call the model from a program'),
  refuse('ai_embeddings', noModels, 'compute the vectors outside and bring them in as a dynamic column'),
  refuse('ai_embed_text', noModels, 'compute the vectors outside and bring them in as a dynamic column'),
  refuse('azure_digital_twins_query_request', noNetwork, files),
  refuse('cosmosdb_sql_request', noNetwork, files),
  refuse('sql_request', noNetwork, files),
  refuse('mysql_request', noNetwork, files),
  refuse('postgresql_request', noNetwork, files),
  refuse('dax_request', noNetwork, files),
  refuse('http_request', noNetwork, files),
  refuse('http_request_post', noNetwork, files),
  refuse('external_datatable', noNetwork, files),
  refuse('infer_storage_schema', noNetwork, files),
  refuse('infer_storage_schema_with_suggestions', noNetwork, files),
  refuse('python', noCode, 'operators of KQL, such as scan, mv-apply and make-series, or a program over the result'),
  refuse('r', noCode, 'operators of KQL, such as scan, mv-apply and make-series, or a program over the result'),
  refuse('csharp', noCode, 'operators of KQL, such as scan, mv-apply and make-series, or a program over the result'),
  refuse('execute_query', 'there is one database and no other cluster', 'the query itself, or a stored function'),
  refuse(
    'execute_show_command',
    'there are no management commands',
    'the tables of the workspace, such as VedetteRun_CL',
  ),
  refuse('funnel_sequence', severalResults, 'funnel_sequence_completion, or scan'),
  ...['identity', 'identity_v3'].map((n) => refuse(n, 'it is internal to the service', 'the rows themselves')),
  refuse('preview', severalResults, 'take, and count in a query of its own'),
  refuse('estimate_rows_count', 'its estimate is that of a planner that Vedette does not have', 'count'),
);
