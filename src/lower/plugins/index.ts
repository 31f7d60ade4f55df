import type { Rel } from '../../ir/index.js';
import type { Node } from '../../kql/index.js';
import type { Context } from '../context.js';
import { bagUnpack } from './bag-unpack.js';

/** A plugin: the call, the rows that reach it, and the whole `evaluate` operator (which may declare the result). */
export type LowerPlugin = (call: Node, input: Rel, cx: Context, operator: Node) => Rel;

/** By name in lower case. */
export const plugins: Record<string, LowerPlugin> = {
  bag_unpack: bagUnpack,
};
