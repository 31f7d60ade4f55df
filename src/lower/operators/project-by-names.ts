import { literalValue } from '../../ir/index.js';
import type { Node } from '../../kql/index.js';
import { type Context, unsupported } from '../context.js';
import { lowerExpr } from '../expression.js';
import { passOn, project } from '../rel-helpers.js';
import type { LowerOperator } from './index.js';

/** Columns by texts and arrays of texts that are known when the query is read, in the order in which they are named. */
export const projectByNames: LowerOperator = (node, input, cx) => {
  const wanted = node.list('Expressions').flatMap((e) => namesIn(e, cx));
  const names = new Set((cx.per ?? []).map((p) => p.name));
  for (const w of wanted) for (const c of input.columns) if (!c.hidden && matches(w, c.name)) names.add(c.name);
  const columns = [...names].map((n) => input.columns.find((c) => c.name === n)!);
  return project(input, passOn(columns), node.span);
};

function namesIn(node: Node, cx: Context): string[] {
  const expr = lowerExpr(node, { ...cx, row: undefined });
  const value = literalValue(expr);
  if (typeof value === 'string' && expr.type === 'string') return [value];
  if (typeof value === 'string' && expr.type === 'dynamic') {
    const parsed: unknown = JSON.parse(value);
    const list = Array.isArray(parsed) ? parsed : [parsed];
    if (list.every((x) => typeof x === 'string')) return list;
  }
  return unsupported(node, 'project-by-names wants texts that the query itself spells', 'use project-keep');
}

function matches(pattern: string, name: string): boolean {
  if (!pattern.includes('*')) return pattern === name;
  const parts = pattern.split('*').map((p) => p.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(name);
}
