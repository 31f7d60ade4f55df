import {
  call,
  columnsRead,
  type Expr,
  isRepeatable,
  literal,
  literalValue,
  mapExpr,
  mapExpressions,
  rewriteRels,
} from '../ir/index.js';
import type { Rewrite } from './rewrite.js';

/** Says of the time itself what a condition on its bin says. */
export const boundBins: Rewrite = {
  name: 'bound-bins',
  reason: 'tables are in the order of time, and the engine skips rows by a time, not by what is computed of it',
  apply: (root) =>
    rewriteRels(root, (rel) => (rel.kind === 'Filter' ? mapExpressions(rel, (e) => mapExpr(e, bounded)) : rel)),
};

const mirrored: Readonly<Record<string, string>> = { '==': '==', '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

/** `bin(t, size) == start` holds from `start` until `start + size` only. */
function bounded(e: Expr): Expr {
  if (e.kind !== 'Call' || !mirrored[e.name]) return e;
  const [a, b] = e.args as [Expr, Expr];
  const [bin, start, operator] = binOfTime(a) ? [a, b, e.name] : [b, a, mirrored[e.name]!];
  const parts = binOfTime(bin);
  if (!parts || start.type !== 'datetime' || columnsRead([start]).size > 0 || !isRepeatable(start)) return e;
  const end = endOf(start, parts.size);
  if (!end) return e;
  const bounds = [
    ...(/^(==|>=|>)$/.test(operator) ? [call(operator === '>' ? '>' : '>=', 'bool', [parts.time, start], e.span)] : []),
    ...(/^(==|<=|<)$/.test(operator) ? [call('<', 'bool', [parts.time, end], e.span)] : []),
  ];
  return call('and', 'bool', [...bounds, e], e.span);
}

/** Ticks since 1970 of the end of 9999, past which there is no time. */
const never = 253_402_300_800_0000000n;

/** The time after which a bin ends; undefined where there is none. */
function endOf(start: Expr, size: Expr): Expr | undefined {
  const [from, ticks] = [literalValue(start), literalValue(size) as bigint];
  if (start.kind !== 'Literal') return call('+', 'datetime', [start, size], start.span);
  return typeof from === 'bigint' && from + ticks < never ? literal('datetime', from + ticks, start.span) : undefined;
}

/** The column and the size of `bin(t, size)`. */
function binOfTime(e: Expr): { time: Expr; size: Expr } | undefined {
  if (e.kind !== 'Call' || e.name !== 'bin') return undefined;
  const [time, size] = e.args;
  const ticks = size && literalValue(size);
  if (time?.kind !== 'Column' || time.type !== 'datetime' || size?.type !== 'timespan') return undefined;
  return typeof ticks === 'bigint' && ticks > 0n ? { time, size } : undefined;
}
