import { type Refusal, refuse } from '../entry.js';

/** One reason for several names. */
const all = (names: string, reason: string, instead: string): Refusal[] =>
  names.split(' ').map((name) => refuse(name, reason, instead));

const renamed = (name: string, now: string): Refusal => refuse(name, 'it is an older name', now);

/** Functions and aggregates that the official parser knows and Vedette does not run. */
export const refusedFunctions: readonly Refusal[] = [
  renamed('iscolumnexists', 'column_ifexists()'),
  renamed('to_utf8', 'unicode_codepoints_from_string()'),
  ...all('like likecs notlike notlikecs', 'its patterns are not documented', 'contains, startswith or matches regex'),
  refuse('passthrough', 'it is internal to the service', 'take_any()'),
  refuse('tdigest_isvalid', 'sketches of Kusto have a format of its own', 'percentile() over the rows'),
  refuse('hll_isvalid', 'sketches of Kusto have a format of its own', 'dcount() over the rows'),
  ...all(
    'cursor_after cursor_before_or_at cursor_current current_cursor',
    'rows have no database cursor',
    'ingestion_time()',
  ),
  ...all(
    'extent_id extentid extent_tags rowstore_ordinal_range current_node_id',
    'rows are not stored in extents of the service',
    'ingestion_time()',
  ),
  ...all(
    'cluster database current_cluster_endpoint entity_group graph',
    'there is one database and no cluster',
    'the table, by its name',
  ),
  ...all(
    'external_table materialized_view stored_query_result',
    'the workspace holds tables and functions only',
    'a table, or a stored function over it',
  ),
  ...all(
    'current_principal current_principal_details current_principal_is_member_of',
    'queries run for whoever may read the data directory: there are no principals',
    'a literal name',
  ),
  ...all('node_id', 'it is for the nodes and edges of a pattern', 'graph-match'),
];
