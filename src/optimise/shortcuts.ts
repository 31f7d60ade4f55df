import {
  type Call,
  call,
  type Expr,
  literal,
  literalValue,
  mapExpr,
  mapExpressions,
  rewriteRels,
} from '../ir/index.js';
import type { Rewrite } from './rewrite.js';

/** Takes one element without making the array or bag that it comes from. */
export const shortcuts: Rewrite = {
  name: 'shortcuts',
  reason:
    'the host of a link needs one regular expression, the whole of parse_url ten and a JSON text that is read again',
  apply: (root) => rewriteRels(root, (rel) => mapExpressions(rel, (e) => mapExpr(e, shorter))),
};

/** What parse_url gives as texts; its query parameters are a bag. */
const urlTexts = new Set(['Scheme', 'Host', 'Port', 'Path', 'Username', 'Password', 'Fragment']);

function shorter(e: Expr): Expr {
  if (e.kind !== 'Call') return e;
  if (e.name === '.') return splitElement(e) ?? e;
  return e.name === 'tostring' ? (textOf(e) ?? e) : e;
}

/** `split(text, delimiter)[n]` */
function splitElement(e: Call): Expr | undefined {
  const [from, key] = e.args;
  const index = key && literalValue(key);
  if (from?.kind !== 'Call' || from.name !== 'split' || from.args.length !== 2) return undefined;
  if (typeof index !== 'bigint' || index < 0n || typeof literalValue(from.args[1]!) !== 'string') return undefined;
  return call('split_element', 'dynamic', [...from.args, literal('long', index)], e.span);
}

function textOf(e: Call): Expr | undefined {
  const [value] = e.args;
  if (value?.kind !== 'Call') return undefined;
  if (value.name === 'split_element') return call('split_text', 'string', value.args, e.span);
  if (value.name !== '.') return undefined;
  const [from, key] = value.args;
  const part = key && literalValue(key);
  if (from?.kind === 'Call' && /^parse_?url$/.test(from.name) && typeof part === 'string' && urlTexts.has(part))
    return call('url_text', 'string', [from.args[0]!, key!], e.span);
  const path = propertyPath(value);
  return path && call('property_text', 'string', path, e.span);
}

/** A chain of properties by literal names over a column, the column first. */
function propertyPath(e: Expr): readonly Expr[] | undefined {
  if (e.kind === 'Column' && e.type === 'dynamic') return [e];
  if (e.kind !== 'Call' || e.name !== '.') return undefined;
  const key = e.args[1]!;
  if (typeof literalValue(key) !== 'string') return undefined;
  const before = propertyPath(e.args[0]!);
  return before && [...before, key];
}
