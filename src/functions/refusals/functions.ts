import { type Refusal, refuse } from '../entry.js';

/** One reason for several names. */
const all = (names: string, reason: string, instead: string): Refusal[] =>
  names.split(' ').map((name) => refuse(name, reason, instead));

const renamed = (name: string, now: string): Refusal => refuse(name, 'it is an older name', now);

const shapes = 'this operation on lines, polygons or cells of the sphere is not built';
const nearby = 'geo_distance_2points(), geo_point_in_circle() or geo_point_to_geohash() where points are enough';

/** Functions and aggregates that the official parser knows and Vedette does not run. */
export const refusedFunctions: readonly Refusal[] = [
  renamed('parsejson', 'parse_json()'),
  renamed('arraylength', 'array_length()'),
  renamed('array_iif', 'array_iff()'),
  renamed('array_strcat', 'strcat_array()'),
  renamed('pack_dictionary', 'bag_pack()'),
  renamed('iscolumnexists', 'column_ifexists()'),
  renamed('to_utf8', 'unicode_codepoints_from_string()'),
  renamed('row_rank', 'row_rank_dense()'),
  renamed('argmin', 'arg_min()'),
  renamed('argmax', 'arg_max()'),
  renamed('cnt', 'count()'),
  renamed('containscs', 'contains_cs'),
  renamed('notcontains', '!contains'),
  renamed('notcontainscs', '!contains_cs'),
  ...all('like likecs notlike notlikecs', 'its patterns are not documented', 'contains, startswith or matches regex'),
  refuse('passthrough', 'it is internal to the service', 'take_any()'),
  refuse('variancepif', 'it is not built', 'variancep(iff(predicate, value, real(null)))'),
  refuse('assert', 'it is not built', 'where, or iff() with a value that tells of the fault'),
  refuse('treepath', 'it is not built', 'bag_keys() and mv-expand, level by level'),
  refuse('bag_zip', 'it is not built', 'mv-apply over both arrays with make_bag(bag_pack(key, value))'),
  refuse('bag_pack_columns', 'it is not built', "bag_pack('name', column, …)"),
  refuse('dynamic_to_json', 'it is not built', 'tostring()'),
  refuse('jaccard_index', 'it is not built', 'array_length(set_intersect(a, b)) * 1.0 / array_length(set_union(a, b))'),
  refuse(
    'set_equals',
    'it is not built',
    'array_length(set_difference(a, b)) == 0 and array_length(set_difference(b, a)) == 0',
  ),
  refuse('isascii', 'it is not built', "s matches regex @'^[\\x00-\\x7F]*$'"),
  refuse('isutf8', 'texts are stored as UTF-8', 'nothing: it would always be true'),
  refuse(
    'percentiles_array_tdigest',
    'sketches of Kusto have a format of its own',
    'percentiles_array() over the rows',
  ),
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
    'cluster database current_cluster_endpoint current_database entity_group graph',
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
  ...all(
    'all any map inner_nodes labels node_degree_in node_degree_out node_id',
    'graph operators are not built',
    'join, once for each step of the path',
  ),
  refuse(
    'geo_info_from_ip_address',
    'no database of locations comes with Vedette',
    'ipv4_lookup with a table of networks',
  ),
  ...all(
    'geo_closest_point_on_line geo_closest_point_on_polygon geo_distance_point_to_line geo_distance_point_to_polygon geo_intersection_2lines geo_intersection_2polygons geo_intersection_line_with_polygon geo_intersects_2lines geo_intersects_2polygons geo_intersects_line_with_polygon geo_line_buffer geo_line_centroid geo_line_densify geo_line_interpolate_point geo_line_length geo_line_locate_point geo_line_simplify geo_line_to_s2cells geo_point_buffer geo_point_in_polygon geo_polygon_area geo_polygon_buffer geo_polygon_centroid geo_polygon_densify geo_polygon_perimeter geo_polygon_simplify geo_polygon_to_h3cells geo_polygon_to_s2cells geo_simplify_polygons_array geo_union_lines_array geo_union_polygons_array',
    shapes,
    nearby,
  ),
];
