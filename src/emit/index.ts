import { countUses, type HostedOperationRef, type Rel, type Shared } from '../ir/index.js';
import { name, text } from '../sql/index.js';
import type { Column } from '../tables/index.js';
import { Emission, type EmitOptions } from './context.js';
import { hostCalls } from './host-calls.js';
import { emitRel } from './relation.js';
import { renderSelect, type Select, wrap } from './select.js';
import { nullableType, timeText } from './types.js';

export type { EmitOptions } from './context.js';
export { engineTypes, nullableType } from './types.js';

/** A relation that is computed into a temporary table before the query that reads it. */
export interface Stage {
  readonly name: string;
  readonly sql: string;
  /** No rows here means no rows in the answer. */
  readonly decisive: boolean;
  /** The rows of `sql` go out to this operation, and its rows fill the table. */
  readonly hosted?: HostedStage | undefined;
}

export interface HostedStage {
  readonly operation: HostedOperationRef;
  readonly input: readonly Column[];
  readonly output: readonly Column[];
}

/** What ClickHouse runs in one session, and the columns that the last SELECT returns. */
export interface Statement {
  readonly stages: readonly Stage[];
  readonly sql: string;
  readonly columns: readonly Column[];
}

/**
 * Emits a relation as a SELECT. Relations that are used twice come first, as stages: a common table expression would be
 * analysed anew at every mention, which doubles the work with every join of a chain.
 */
export function emit(root: Rel, options: EmitOptions): Statement {
  const rel = hostCalls(root);
  const e = new Emission(options, countUses(rel));
  const hidden = new Set(rel.columns.filter((c) => c.hidden).map((c) => c.name));
  const emitted = emitRel(rel, e);
  const whole = emitted.union && hidden.size > 0 ? wrap(emitted, e.alias()) : emitted;
  const select: Select = { ...whole, items: whole.items.filter((i) => !hidden.has(i.name)) };
  const decisive = decisiveIn(rel);
  return {
    stages: e.stages.map(({ name, select, shared, hosted }) => ({
      name,
      sql: withScalars(select, e),
      decisive: shared !== undefined && decisive.has(shared),
      ...(hosted
        ? { hosted: { operation: hosted.operation, input: hosted.input.columns, output: hosted.columns } }
        : {}),
    })),
    sql: withScalars(renderSelect(select), e),
    columns: rel.columns.filter((c) => !c.hidden),
  };
}

/** The times of a run as values of the parameters that a statement mentions. */
export type StatementParameters = Readonly<Record<string, string>>;

/** @param window half-open, like `now` in ticks since the Unix epoch */
export const statementParameters = (
  now: bigint,
  window: { readonly from: bigint; readonly to: bigint } | undefined,
): StatementParameters => ({
  now: timeText(now),
  ...(window ? { window_from: timeText(window.from), window_to: timeText(window.to) } : {}),
});

/** The statement as a person would run it in a session of clickhouse-client, times filled in. */
export function renderStatement(s: Statement, parameters: StatementParameters): string {
  const whole = [...s.stages.map(renderStage), s.sql].join('\n\n');
  return whole.replace(/\{(now|window_from|window_to):String\}/g, (all, p: string) =>
    parameters[p] ? text(parameters[p]).text : all,
  );
}

function renderStage({ name: table, sql, hosted }: Stage): string {
  if (!hosted) return `CREATE TEMPORARY TABLE ${table} AS\n${sql};`;
  const columns = hosted.output.map((c) => `${name(c.name).text} ${nullableType(c.type)}`).join(', ');
  return `-- ${table} holds what Vedette's ${nameOfHosted(hosted.operation)} makes of the rows of\n${sql};\nCREATE TEMPORARY TABLE ${table} (${columns});`;
}

/** What a person calls the operation. */
export const nameOfHosted = ({ name, settings }: HostedOperationRef): string =>
  (settings as { function?: string } | undefined)?.function ?? name;

/** The SELECT with the scalars that it mentions, directly or through others, in its WITH clause. */
function withScalars(select: string, e: Emission): string {
  const all = [...e.scalars.values()];
  const used = new Set<string>();
  const mark = (text: string) => {
    for (const s of all) {
      if (used.has(s.name.text) || !new RegExp(`\\b${s.name.text}\\b`).test(text)) continue;
      used.add(s.name.text);
      mark(s.select);
    }
  };
  mark(select);
  const definitions = all.filter((s) => used.has(s.name.text)).map((s) => `(\n${s.select}\n) AS ${s.name.text}`);
  return definitions.length ? `WITH ${definitions.join(',\n')}\n${select}` : select;
}

/** Shared relations without whose rows the answer has none. */
function decisiveIn(rel: Rel): Set<Shared> {
  const found = new Set<Shared>();
  const visit = (r: Rel): void => {
    if (r.kind === 'Shared') found.add(r);
    decisiveInputs(r).forEach(visit);
  };
  visit(rel);
  return found;
}

function decisiveInputs(r: Rel): readonly Rel[] {
  switch (r.kind) {
    case 'Shared':
    case 'Filter':
    case 'Project':
    case 'Sort':
    case 'Limit':
    case 'Expand':
    case 'Window':
      return [r.input];
    case 'Aggregate':
      return r.keys.length > 0 ? [r.input] : [];
    case 'Join':
      if (r.joinKind === 'inner' || r.joinKind === 'innerunique' || r.joinKind.endsWith('semi'))
        return [r.left, r.right];
      if (r.joinKind === 'leftouter' || r.joinKind === 'leftanti') return [r.left];
      return r.joinKind === 'fullouter' ? [] : [r.right];
    default:
      return [];
  }
}
