import type { Rel } from '../../ir/index.js';
import type { Node } from '../../kql/index.js';
import type { Context } from '../context.js';
import { bagUnpack } from './bag-unpack.js';
import { ipv4Lookup, ipv6Lookup } from './ip-lookup.js';
import { pivot } from './pivot.js';

/** A plugin: the call, the rows that reach it, and the whole `evaluate` operator (which may declare the result). */
export type LowerPlugin = (call: Node, input: Rel, cx: Context, operator: Node) => Rel;

/** By name in lower case. */
export const plugins: Record<string, LowerPlugin> = {
  bag_unpack: bagUnpack,
  ipv4_lookup: ipv4Lookup,
  ipv6_lookup: ipv6Lookup,
  pivot,
};
