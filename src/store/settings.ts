/** Name and value of an engine setting, as the HTTP interface takes them. */
export type Settings = Readonly<Record<string, string | number>>;

export const defaultTimeoutMs = 10 * 60_000;
export const defaultMemoryBytes = 2_000_000_000;
/** What an answer may hold before the engine stops sending it. Kusto itself stops at 500,000 rows and 64 MB. */
export const maxResultRows = 1_000_000;
export const maxResultBytes = 256_000_000;

/** The meaning of a query depends on these. They are sent with every query, to every engine. */
export const querySettings: Settings = {
  // A writable user stays read-only within a query. 1 would also forbid the settings below.
  readonly: 2,
  // Dates are UTC whatever the server's zone is.
  session_timezone: 'UTC',
  // An unmatched Nullable column is null and an unmatched String is '', as in Kusto. 1 would make strings null.
  join_use_nulls: 0,
  // `a IN (set with NULL)` stays null for null; Kusto compares no null with an in-list.
  transform_null_in: 0,
  // An alias that repeats a column name must not capture that name in WHERE and ORDER BY.
  prefer_column_name_to_alias: 1,
  // 1 drops an ORDER BY below an order-dependent aggregate or window.
  query_plan_remove_redundant_sorting: 0,
  // More joins at once lose constant columns: `extend x = -1.5 | join … | join …` shows 0, and a constant key is not found.
  query_plan_optimize_join_order_limit: 1,
  // `WITH x AS MATERIALIZED (…)`: a `let` that is used twice is read once.
  enable_materialized_cte: 1,
  // A cached answer would outlive the data.
  use_query_cache: 0,
  // Over JSON, Node loses 64-bit integers, NaN and decimals unless they travel as text.
  output_format_json_quote_64bit_integers: 1,
  output_format_json_quote_denormals: 1,
  output_format_json_quote_decimals: 1,
  date_time_output_format: 'simple',
  // toJSONString() follows this too, and Kusto does not escape a slash.
  output_format_json_escape_forward_slashes: 0,
  // An inlined set of parsers is one large statement; the defaults (256 KB, 50,000 nodes, depth 1,000) stop it.
  max_query_size: 64 << 20,
  max_ast_elements: 5_000_000,
  max_expanded_ast_elements: 20_000_000,
  max_ast_depth: 10_000,
  max_parser_depth: 10_000,
  max_parser_backtracks: 10_000_000,
  max_subquery_depth: 1_000,
  // A limit that is hit is an error, never a shorter answer.
  result_overflow_mode: 'throw',
  timeout_overflow_mode: 'throw',
  max_result_rows: maxResultRows,
  max_result_bytes: maxResultBytes,
  // A reader that hangs up stops its query even when KILL QUERY comes too early to find it.
  cancel_http_readonly_queries_on_client_close: 1,
  // Group, sort and join spill to disk at half of the query's memory instead of failing.
  max_bytes_ratio_before_external_group_by: 0.5,
  max_bytes_ratio_before_external_sort: 0.5,
  max_bytes_ratio_before_external_join: 0.5,
};

/** Sent with every insert. */
export const insertSettings: Settings = {
  // The default since 26 returns to the caller only after a server-side buffer was written, and ignores the block order.
  async_insert: 0,
  // One statement makes one block a day: with the default of a million rows it would be split at random places, and a
  // repeated batch would not be recognised by its token.
  min_insert_block_size_rows: 4_000_000,
  min_insert_block_size_bytes: 2_000_000_000,
  max_insert_block_size: 4_000_000,
  // A column that the batch leaves out takes its default expression (_ItemId, Type, TenantId), not an empty value.
  input_format_defaults_for_omitted_fields: 1,
  session_timezone: 'UTC',
};
