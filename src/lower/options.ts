import { fail } from '../base/index.js';
import { type Expr, literalValue, type Rel } from '../ir/index.js';
import type { Node } from '../kql/index.js';
import { type Context, unsupported } from './context.js';
import { lowerExpr } from './expression.js';

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** Options about how the service works, moves or logs the answer: they change none. */
const harmless = new Set(
  words(`client_max_redirect_count client_results_reader_allow_varying_row_widths deferpartialqueryfailures
    materialized_view_shuffle_query max_memory_consumption_per_query_per_node maxmemoryconsumptionperiterator
    maxoutputcolumns norequesttimeout notruncation push_selection_through_aggregation query_cursor_disabled
    query_datascope query_distribution_nodes_span query_fanout_nodes_percent query_fanout_threads_percent
    query_force_row_level_security query_log_query_parameters query_max_entities_in_union query_optimize_fts_at_relop
    query_results_cache_force_refresh query_results_cache_max_age query_results_cache_per_shard
    query_results_progressive_row_count query_results_progressive_update_period query_weakconsistency_session_id
    queryconsistency request_app_name request_block_row_level_security request_callout_disabled request_description
    request_external_table_disabled request_impersonation_disabled request_readonly request_readonly_hardline
    request_remote_entities_disabled request_sandboxed_execution_disabled request_user results_error_reporting_placement
    results_progressive_enabled results_v2_fragment_primary_tables results_v2_newlines_between_frames servertimeout
    truncationmaxrecords truncationmaxsize`),
);

/** Options that the parts of the language which mean them look up in the scope. */
const effective = new Set(
  words('query_bin_auto_at query_bin_auto_size query_now query_take_max_records request_external_data_disabled'),
);

const instead: Readonly<Record<string, string>> = {
  query_datetimescope_column: 'a timespan of the query, or where',
  query_datetimescope_from: 'a timespan of the query, or where',
  query_datetimescope_to: 'a timespan of the query, or where',
  query_results_apply_getschema: '| getschema',
  best_effort: 'union isfuzzy=true',
};

/** `set name = value`. An option that is not known is named in a notice: it may be a new one, or misspelt. */
export function setOption(statement: Node, cx: Context): void {
  const name = statement.get('Name').name.toLowerCase();
  const value = statement.child('ValueClause')?.child('Expression');
  if (effective.has(name)) {
    const given = value ? lowerExpr(value, { ...cx, row: undefined }) : undefined;
    if (given) cx.session.options.set(name, given);
    else if (name === 'request_external_data_disabled')
      fail('KQL1002', `set ${name} wants a value`, { span: statement.span });
    return;
  }
  if (harmless.has(name)) return;
  if (
    /^(query_language|query_(datetimescope|cursor)_\w+|query_results_apply_getschema|best_effort|validatepermissions|query_python_debug)$/.test(
      name,
    )
  ) {
    if (value?.text.trim().toLowerCase() === 'false') return;
    unsupported(statement, `the option ${name} is not supported`, instead[name]);
  }
  cx.session.notices.push({
    code: 'KQL4005',
    severity: 'warning',
    message: `the option ${name} is not known and has no effect`,
    span: statement.span,
  });
}

/** The value of an option that was set in front. */
export const optionOf = (name: string, cx: Context): Expr | undefined => cx.session.options.get(name);

/** Takes as many rows as `query_take_max_records` allows. */
export function limited(rel: Rel, cx: Context): Rel {
  const count = optionOf('query_take_max_records', cx);
  if (!count) return rel;
  if (typeof literalValue(count) !== 'bigint') fail('KQL1002', 'query_take_max_records wants a whole number');
  return { kind: 'Limit', input: rel, count, columns: rel.columns };
}
