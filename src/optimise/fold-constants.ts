import {
  type Aggregate,
  type Call,
  conjunction,
  conjunctsOf,
  type Expr,
  type Literal,
  literal,
  mapExpr,
  mapExpressions,
  type Rel,
  rewriteRels,
  type Values,
} from '../ir/index.js';
import type { Rewrite } from './rewrite.js';

/** Computes what is known before the run, and drops what can give no rows. */
export const foldConstants: Rewrite = {
  name: 'fold-constants',
  reason: 'a parser called with default parameters is mostly conditions like array_length(dynamic([])) == 0',
  apply: (root) => rewriteRels(root, (rel) => simplify(mapExpressions(rel, (e) => mapExpr(e, fold)))),
};

const isLiteral = (e: Expr | undefined): e is Literal => e?.kind === 'Literal';
const bool = (value: boolean | null): Literal => literal('bool', value);

type Folder = (call: Call) => Expr;

/** `and`, `or` and `not` in three-valued logic. */
const folders: Record<string, Folder> = {
  and: (call) => {
    if (call.args.some((a) => isLiteral(a) && a.value === false)) return bool(false);
    const rest = call.args.filter((a) => !(isLiteral(a) && a.value === true));
    return rest.length === 0
      ? bool(true)
      : rest.length === call.args.length
        ? call
        : rest.length === 1
          ? rest[0]!
          : { ...call, args: rest };
  },
  or: (call) => {
    if (call.args.some((a) => isLiteral(a) && a.value === true)) return bool(true);
    const rest = call.args.filter((a) => !(isLiteral(a) && a.value === false));
    return rest.length === 0
      ? bool(false)
      : rest.length === call.args.length
        ? call
        : rest.length === 1
          ? rest[0]!
          : { ...call, args: rest };
  },
  not: (call) => {
    const [x] = call.args;
    return isLiteral(x) && x.type === 'bool' ? bool(x.value === null ? null : !x.value) : call;
  },
  isnull: (call) => known(call, (x) => x.type !== 'string' && x.value === null),
  isnotnull: (call) => known(call, (x) => x.type === 'string' || x.value !== null),
  notnull: (call) => known(call, (x) => x.type === 'string' || x.value !== null),
  isempty: (call) => known(call, isEmptyLiteral),
  isnotempty: (call) => known(call, (x) => !isEmptyLiteral(x)),
  notempty: (call) => known(call, (x) => !isEmptyLiteral(x)),
  array_length: (call) => {
    const list = arrayOf(call.args[0]);
    return list ? literal('long', BigInt(list.length), call.span) : call;
  },
  set_union: (call) => {
    const lists = call.args.map(arrayOf);
    if (!lists.every((l) => l !== undefined)) return call;
    const seen = new Map(lists.flat().map((x) => [JSON.stringify(x), x]));
    return literal('dynamic', `[${[...seen.keys()].join(',')}]`, call.span);
  },
  array_concat: (call) => {
    const lists = call.args.map(arrayOf);
    return lists.every((l) => l !== undefined) ? literal('dynamic', JSON.stringify(lists.flat()), call.span) : call;
  },
  '==': (call) => compared(call, (a, b) => a === b),
  '!=': (call) => compared(call, (a, b) => a !== b),
  iff: (call) => branch(call),
  iif: (call) => branch(call),
  has_any_ipv4_prefix: (call) => emptyList(call),
  has_any: (call) => emptyList(call),
  set_has_element: (call) => (arrayOf(call.args[0])?.length === 0 ? bool(false) : call),
  in: (call) => among(call, (text) => text),
  'in~': (call) => among(call, (text) => text.toLowerCase()),
};

function fold(e: Expr): Expr {
  if (e.kind === 'ScalarSubquery') return onlyValue(e.rel) ?? e;
  return e.kind === 'Call' ? (folders[e.name]?.(e) ?? e) : e;
}

/** The value of a relation whose rows stand in the query. */
function onlyValue(rel: Rel): Literal | undefined {
  return rel.kind === 'Values' ? rel.rows[0]?.[0] : undefined;
}

const known = (call: Call, test: (x: Literal) => boolean): Expr =>
  isLiteral(call.args[0]) ? bool(test(call.args[0])) : call;

/** A dynamic is empty when its text is: the JSON of an empty string too. */
const isEmptyLiteral = (x: Literal): boolean =>
  x.value === null || (x.type === 'string' && x.value === '') || (x.type === 'dynamic' && x.value === '""');

/** Elements of a dynamic array literal. Texts with long digits stay unread: parsing would round them. */
function arrayOf(e: Expr | undefined): unknown[] | undefined {
  if (!isLiteral(e) || e.type !== 'dynamic' || typeof e.value !== 'string' || /\d{16}/.test(e.value)) return undefined;
  try {
    const parsed: unknown = JSON.parse(e.value);
    return Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function compared(call: Call, test: (a: Literal['value'], b: Literal['value']) => boolean): Expr {
  const [a, b] = call.args;
  if (!isLiteral(a) || !isLiteral(b) || a.type === 'dynamic' || b.type === 'dynamic') return call;
  const whole = (t: string) => t === 'int' || t === 'long';
  if (a.type !== b.type && !(whole(a.type) && whole(b.type))) return call;
  if (a.type === 'real' || a.type === 'decimal' || a.type === 'guid') return call;
  if (a.type !== 'string' && a.value === null && b.value === null) return bool(null);
  return bool(test(a.value, b.value));
}

function branch(call: Call): Expr {
  const [test, yes, no] = call.args;
  if (!isLiteral(test) || test.type !== 'bool') return call;
  const chosen = test.value === true ? yes! : no!;
  return chosen.type === call.type ? chosen : call;
}

/** A literal text among literal texts; beyond ASCII the engine knows the cases better. */
function among(call: Call, folded: (text: string) => string): Expr {
  const texts = call.args.map((a) => (isLiteral(a) && a.type === 'string' ? String(a.value ?? '') : undefined));
  const plain = texts.every((t) => t !== undefined && /^[ -~]*$/.test(t));
  if (!plain) return emptyList(call);
  const [text, ...list] = texts.map((t) => folded(t!));
  return bool(list.includes(text!));
}

/** Nothing is in an empty list. */
function emptyList(call: Call): Expr {
  const list = call.args.length === 2 ? arrayOf(call.args[1]) : undefined;
  return list?.length === 0 ? bool(false) : call;
}

const emptyRel = (rel: Rel): Values => ({ kind: 'Values', columns: rel.columns, rows: [], span: rel.span });
const isEmpty = (rel: Rel): boolean => rel.kind === 'Values' && rel.rows.length === 0;

function simplify(rel: Rel): Rel {
  switch (rel.kind) {
    case 'Filter': {
      if (isEmpty(rel.input)) return emptyRel(rel);
      const parts = conjunctsOf(rel.predicate).filter((p) => !(isLiteral(p) && p.value === true));
      if (parts.some((p) => isLiteral(p))) return emptyRel(rel);
      return parts.length === 0 ? rel.input : { ...rel, predicate: conjunction(parts) };
    }
    case 'Project':
    case 'Sort':
    case 'Limit':
    case 'Expand':
    case 'Window':
    case 'Shared':
      return isEmpty(rel.input) ? emptyRel(rel) : rel;
    case 'Aggregate':
      if (!isEmpty(rel.input)) return rel;
      return rel.keys.length > 0 ? emptyRel(rel) : overNothing(rel);
    case 'Union': {
      const inputs = rel.inputs.filter((i) => !isEmpty(i));
      if (inputs.length === rel.inputs.length) return rel;
      if (inputs.length === 0) return emptyRel(rel);
      return inputs.length === 1 && sameColumns(inputs[0]!, rel) ? inputs[0]! : { ...rel, inputs };
    }
    case 'Join':
      return joinIsEmpty(rel) ? emptyRel(rel) : rel;
    default:
      return rel;
  }
}

/** Lists of nothing are empty: the watchlist that turns parsers off is absent in most workspaces. */
function overNothing(rel: Aggregate): Rel {
  if (!rel.calls.every((c) => c.call.name === 'make_set' || c.call.name === 'make_list')) return rel;
  const row = rel.calls.map(() => literal('dynamic', '[]'));
  return { kind: 'Values', columns: rel.columns, rows: [row], span: rel.span };
}

const sameColumns = (a: Rel, b: Rel): boolean =>
  a.columns.length === b.columns.length &&
  a.columns.every((c, i) => c.name === b.columns[i]!.name && c.hidden === b.columns[i]!.hidden);

function joinIsEmpty(rel: Extract<Rel, { kind: 'Join' }>): boolean {
  const [left, right] = [isEmpty(rel.left), isEmpty(rel.right)];
  switch (rel.joinKind) {
    case 'leftouter':
    case 'leftanti':
      return left;
    case 'rightouter':
    case 'rightanti':
      return right;
    case 'fullouter':
      return left && right;
    default:
      return left || right;
  }
}
