import ipaddr from 'ipaddr.js';
import { type Diagnostic, type Result, success } from '../../base/index.js';
import type { AnalyticRule } from '../../content/index.js';
import type { QueryRequest, QueryResult, QueryRunner } from '../../query/index.js';
import { collectEntities, displayName, type Entity, jsonTypes } from '../entities/index.js';
import { type ResultRow, resultRows } from '../result-row.js';
import { type Exclusion, excludedText, holdsAt } from './exclusion.js';

/** Rows of a result that an exclusion hid; one that two exclusions hid is in both. */
export interface HiddenRows {
  readonly exclusion: Exclusion;
  readonly columns: QueryResult['columns'];
  readonly rows: readonly (readonly unknown[])[];
}

/** How many rows an exclusion hid. */
export interface HiddenCount {
  readonly exclusionId: string;
  readonly what: string;
  readonly reason: string;
  readonly rows: number;
}

export interface Findings extends QueryResult {
  readonly hidden: readonly HiddenRows[];
}

/**
 * Runs the query of a rule and takes away what its exclusions cover: after the query and before the trigger, so that
 * hidden rows neither count nor reach an alert.
 *
 * Conditions are part of the compiled statement. One that the result can no longer answer, because the rule has changed,
 * hides nothing and is told (RUL3011): a row too many is better than one too few. Neither does a condition that is null.
 * Errors  those of the query
 */
export async function findingsOf(
  rule: AnalyticRule,
  runner: QueryRunner,
  request: QueryRequest,
  exclusions: readonly Exclusion[],
): Promise<Result<Findings>> {
  const own = exclusions.filter(
    (each) => each.ruleId.toLowerCase() === rule.id.toLowerCase() && holdsAt(each, request.at ?? 0),
  );
  const asked = await answered(rule, runner, request, own);
  if (!asked.ok) return asked;
  const { result, conditions, unusable } = asked.value;
  const width = result.columns.length - conditions.length;
  const columns = result.columns.slice(0, width);
  const hidden = own
    .filter((each) => each.excluded.kind === 'entity' || conditions.includes(each))
    .map((exclusion) => ({ exclusion, columns, rows: [] as (readonly unknown[])[] }));
  const rows: (readonly unknown[])[] = [];
  for (const row of resultRows(result)) {
    const cells = row.cells.slice(0, width);
    const by = hidden.filter(({ exclusion }) => isHidden(exclusion, rule, row, width + conditions.indexOf(exclusion)));
    for (const each of by) each.rows.push(cells);
    if (by.length === 0) rows.push(cells);
  }
  const effective = hidden.filter((each) => each.rows.length > 0);
  const notices = [...result.notices, ...unusable, ...effective.map(notice)];
  return success({ columns, rows, notices, hidden: effective });
}

export const countsOf = (hidden: readonly HiddenRows[]): HiddenCount[] =>
  hidden.map(({ exclusion, rows }) => ({
    ...{ exclusionId: exclusion.id, what: excludedText(exclusion), reason: exclusion.reason, rows: rows.length },
  }));

interface Answered {
  readonly result: QueryResult;
  /** The exclusions whose conditions are the last columns of the result. */
  readonly conditions: readonly Exclusion[];
  readonly unusable: readonly Diagnostic[];
}

async function answered(
  rule: AnalyticRule,
  runner: QueryRunner,
  request: QueryRequest,
  own: readonly Exclusion[],
): Promise<Result<Answered>> {
  const ask = async (conditions: readonly Exclusion[]) =>
    runner.query(rule.query, { ...request, conditions: conditions.map(conditionOf) });
  const all = own.filter((each) => each.excluded.kind === 'where');
  const whole = await ask(all);
  if (whole.ok) return success({ result: whole.value, conditions: all, unusable: [] });
  const isCompiling = whole.diagnostics.some((d) => /^(KS|KQL1|KQL4)/.test(d.code));
  if (all.length === 0 || !isCompiling) return whole;
  const usable: Exclusion[] = [];
  const unusable: Diagnostic[] = [];
  for (const each of all) {
    const alone = await ask([each]);
    if (alone.ok) usable.push(each);
    else unusable.push(unusableNotice(each, alone.diagnostics[0]?.message ?? ''));
  }
  const rest = await ask(usable);
  if (!rest.ok) return rest;
  // Columns may come with the rows; without rows nothing could be hidden.
  const told = rest.value.rows.length > 0 ? unusable : [];
  return success({ result: rest.value, conditions: usable, unusable: told });
}

const conditionOf = ({ excluded }: Exclusion): string => (excluded.kind === 'where' ? excluded.condition : 'false');

function isHidden(exclusion: Exclusion, rule: AnalyticRule, row: ResultRow, at: number): boolean {
  const { excluded } = exclusion;
  if (excluded.kind === 'where') return row.cells[at] === true;
  return collectEntities(rule, [row]).some((entity) => isEntity(entity, jsonTypes[excluded.type], excluded.value));
}

/** By its name or any of its identifiers, in any case; an address also by the network that it lies in. */
function isEntity(entity: Entity, type: string, value: string): boolean {
  if (entity.Type !== type) return false;
  const wanted = value.toLowerCase();
  const identifiers = Object.entries(entity).filter(([key]) => key !== 'Type');
  if (displayName(entity).toLowerCase() === wanted) return true;
  if (identifiers.some(([, each]) => typeof each === 'string' && each.toLowerCase() === wanted)) return true;
  return type === 'ip' && typeof entity.Address === 'string' && isInNetwork(entity.Address, value);
}

function isInNetwork(address: string, network: string): boolean {
  if (!ipaddr.isValid(address) || !ipaddr.isValidCIDR(network)) return false;
  const [parsed, range] = [ipaddr.process(address), ipaddr.parseCIDR(network)];
  return parsed.kind() === range[0].kind() && parsed.match(range);
}

const notice = ({ exclusion, rows }: HiddenRows): Diagnostic => ({
  code: 'RUL3010',
  severity: 'info',
  message: `${rows.length} ${rows.length === 1 ? 'row' : 'rows'} hidden by the exclusion ${exclusion.id.slice(0, 8)}: ${exclusion.reason}`,
});

const unusableNotice = (exclusion: Exclusion, why: string): Diagnostic => ({
  code: 'RUL3011',
  severity: 'warning',
  message: `the exclusion ${exclusion.id.slice(0, 8)} hides nothing: ${why}`,
});
