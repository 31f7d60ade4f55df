import type { Rel } from '../../ir/index.js';
import type { Node } from '../../kql/index.js';
import type { Context } from '../context.js';
import { activityCountsMetrics, activityEngagement, activityMetrics, newActivityMetrics } from './activity.js';
import { autocluster } from './autocluster.js';
import { bagUnpack } from './bag-unpack.js';
import { basket } from './basket.js';
import { dcountIntersect } from './dcount-intersect.js';
import { diffpatterns } from './diffpatterns.js';
import { geoLineLookup, geoPolygonLookup } from './geo-lookup.js';
import { ipv4Lookup, ipv6Lookup } from './ip-lookup.js';
import { pivot } from './pivot.js';
import { narrow, rowsNear } from './rows.js';
import { sequenceDetect } from './sequence-detect.js';
import {
  activeUsersCount,
  funnelSequenceCompletion,
  rollingPercentile,
  sessionCount,
  slidingWindowCounts,
} from './sliding.js';

/** A plugin: the call, the rows that reach it, and the whole `evaluate` operator (which may declare the result). */
export type LowerPlugin = (call: Node, input: Rel, cx: Context, operator: Node) => Rel;

/** By name in lower case. */
export const plugins: Record<string, LowerPlugin> = {
  active_users_count: activeUsersCount,
  activity_counts_metrics: activityCountsMetrics,
  activity_engagement: activityEngagement,
  activity_metrics: activityMetrics,
  funnel_sequence_completion: funnelSequenceCompletion,
  narrow,
  new_activity_metrics: newActivityMetrics,
  rolling_percentile: rollingPercentile,
  rows_near: rowsNear,
  session_count: sessionCount,
  sliding_window_counts: slidingWindowCounts,
  autocluster,
  bag_unpack: bagUnpack,
  basket,
  dcount_intersect: dcountIntersect,
  diffpatterns,
  geo_line_lookup: geoLineLookup,
  geo_polygon_lookup: geoPolygonLookup,
  ipv4_lookup: ipv4Lookup,
  ipv6_lookup: ipv6Lookup,
  pivot,
  sequence_detect: sequenceDetect,
};
