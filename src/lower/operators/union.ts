import { type Diagnostic, DiagnosticError, fail } from '../../base/index.js';
import { column, type Expr, literal, type NamedExpr, type Rel } from '../../ir/index.js';
import type { Node } from '../../kql/index.js';
import type { Column, KqlType } from '../../tables/index.js';
import type { Context } from '../context.js';
import { project } from '../rel-helpers.js';
import { lowerRel } from '../relation.js';

/** Values of `name=value` parameters of an operator, lower-cased names. */
export function parametersOf(node: Node): Map<string, Node> {
  return new Map(node.list('Parameters').map((p) => [p.get('Name').name.toLowerCase(), p.get('Expression')]));
}

export interface Leg {
  readonly name: string;
  readonly rel: Rel;
}

/** `union`, first in a query or after a pipe. Legs of a fuzzy union that do not resolve are left out with a notice. */
export function lowerUnion(node: Node, input: Rel | undefined, cx: Context): Rel {
  const parameters = parametersOf(node);
  const fuzzy = parameters.get('isfuzzy')?.text.toLowerCase() === 'true';
  const kind = parameters.get('kind')?.text.toLowerCase() ?? 'outer';
  const source = parameters.get('withsource') ?? parameters.get('with_source');
  const legs: Leg[] = input ? [{ name: sourceOf(input) ?? 'union_arg0', rel: input }] : [];
  for (const e of node.list('Expressions')) legs.push(...legsOf(e, cx, fuzzy, legs.length));
  if (legs.length === 0) return fail('KQL1001', 'no table or view of this union is known', { span: node.span });
  if (legs.length === 1 && !source) return legs[0]!.rel;
  return unite(legs, source?.name, kind === 'inner', node);
}

/** The name that rows carry into a source column: of their table, or that `as` gave. */
export const sourceOf = (rel: Rel): string | undefined =>
  rel.kind === 'Scan' ? rel.table : rel.kind === 'Shared' && rel.named ? rel.name : undefined;

/** The rows of all legs, with the name of their leg in a column when it is asked for. */
export function unite(legs: readonly Leg[], source: string | undefined, inner: boolean, node: Node): Rel {
  const rels = legs.map((l) => l.rel);
  const own = inner ? common(rels) : merged(rels);
  const columns: Column[] = [
    ...(source ? [{ name: source, type: 'string' as const }] : []),
    ...own.map((m) => m.column),
  ];
  return { kind: 'Union', inputs: legs.map((leg) => aligned(leg, own, source)), columns, span: node.span };
}

/** The legs that an operand of a union or search means: a wildcard can mean several. */
export function legsOf(node: Node, cx: Context, fuzzy: boolean, index: number): Leg[] {
  const bare = node.kind === 'ParenthesizedExpression' ? node.get('Expression') : node;
  if (bare.kind === 'NameReference' && bare.name.includes('*')) return wildcard(bare, cx, fuzzy);
  const { notices, steps } = cx.session;
  const before = [notices.length, steps.length] as const;
  try {
    const rel = lowerRel(node, cx);
    return [
      { name: rel.kind === 'Scan' ? rel.table : (aliasOf(bare) ?? viewName(bare, cx) ?? `union_arg${index}`), rel },
    ];
  } catch (error) {
    if (!fuzzy || !(error instanceof DiagnosticError) || !forgivable(error)) throw error;
    [notices.length, steps.length] = before;
    notices.push(notice(bare, error));
    return [];
  }
}

/** A function declared with `view` lends its name to its rows. */
function viewName(node: Node, cx: Context): string | undefined {
  if (node.kind !== 'NameReference') return undefined;
  const binding = cx.scope.find(node.name);
  if (binding?.kind === 'function')
    return binding.declaration.child('ViewKeyword')?.text === 'view' ? node.name : undefined;
  return undefined;
}

/** `(… | as T1)` is called T1 in the source column; a let name is not. */
function aliasOf(node: Node): string | undefined {
  const last = node.kind === 'PipeExpression' ? node.get('Operator') : undefined;
  return last?.kind === 'AsOperator' ? last.get('Name').name : undefined;
}

/** Kusto forgives what does not bind, never what runs and fails; what we cannot run must not vanish either. */
const forgivable = (error: DiagnosticError) =>
  error.diagnostics.every((d) => d.code === 'KQL1001' || d.code === 'KQL1002' || d.code.startsWith('KS'));

function notice(node: Node, error: DiagnosticError): Diagnostic {
  const name =
    node.kind === 'NameReference' || node.kind === 'FunctionCallExpression'
      ? node.text.replace(/\s*\([\s\S]*$/, '')
      : node.text.slice(0, 60);
  return {
    code: 'KQL1001',
    severity: 'warning',
    message: `no source for ${name}: ${error.diagnostics[0]?.message ?? 'it does not resolve'}`,
    span: node.span,
  };
}

function wildcard(node: Node, cx: Context, fuzzy: boolean): Leg[] {
  const regex = new RegExp(
    `^${node.name
      .split('*')
      .map((p) => p.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
  );
  const names = cx.session.tableNames().filter((n) => regex.test(n));
  if (names.length === 0 && !fuzzy) fail('KQL1001', `no table matches '${node.name}'`, { span: node.span });
  return names.map((name) => {
    const schema = cx.session.table(name)!;
    cx.session.tables.add(name);
    return { name, rel: { kind: 'Scan', table: name, columns: schema.columns, span: node.span } };
  });
}

/** A column of the union and the name that it has in the legs. */
interface Merged {
  readonly column: Column;
  readonly of: string;
}

/** Equal name and type make one column; a name with several types becomes one column a type, `name_type`. */
function merged(rels: readonly Rel[]): Merged[] {
  const types = new Map<string, Set<KqlType>>();
  const visible = new Set<string>();
  for (const c of rels.flatMap((r) => r.columns)) {
    types.set(c.name, (types.get(c.name) ?? new Set()).add(c.type));
    if (!c.hidden) visible.add(c.name);
  }
  const taken = new Set([...types].filter(([, set]) => set.size === 1).map(([name]) => name));
  return [...types].flatMap(([name, set]): Merged[] => {
    if (set.size === 1) {
      const column: Column = { name, type: [...set][0]! };
      return [{ column: visible.has(name) ? column : { ...column, hidden: true }, of: name }];
    }
    return [...set].map((type) => {
      let unique = `${name}_${type}`;
      for (let n = 1; taken.has(unique); n++) unique = `${name}_${type}${n}`;
      taken.add(unique);
      return { column: { name: unique, type }, of: name };
    });
  });
}

function common(rels: readonly Rel[]): Merged[] {
  const [first, ...rest] = rels;
  return first!.columns
    .filter((c) => rest.every((r) => r.columns.some((o) => o.name === c.name && o.type === c.type)))
    .map((column) => ({ column, of: column.name }));
}

function aligned(leg: Leg, columns: readonly Merged[], sourceName: string | undefined): Rel {
  const same =
    !sourceName &&
    leg.rel.columns.length === columns.length &&
    leg.rel.columns.every((c, i) => c.name === columns[i]!.column.name && c.type === columns[i]!.column.type);
  if (same) return leg.rel;
  const items = columns.map(({ column: c, of }): NamedExpr => {
    const own = leg.rel.columns.find((o) => o.name === of && o.type === c.type);
    return { name: c.name, expr: own ? column(own) : missing(c) };
  });
  const source = sourceName ? [{ name: sourceName, expr: literal('string', leg.name) }] : [];
  return project(leg.rel, [...source, ...items]);
}

const missing = (c: Column): Expr => literal(c.type, c.type === 'string' ? '' : null);
