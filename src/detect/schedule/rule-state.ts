import { sql } from '../../sql/index.js';
import type { Store } from '../../store/index.js';
import { type Row, tableSchema } from '../../tables/index.js';
import { isoTime } from '../identity.js';
import { newestRows } from '../stored-rows.js';

/** How the scheduler stands to a rule. A row is written when that changes; the newest counts. */
export const ruleStateSchema = tableSchema('VedetteRule_CL', [
  { name: 'RuleId', type: 'string' },
  { name: 'RuleName', type: 'string' },
  { name: 'RuleHash', type: 'string' },
  { name: 'Version', type: 'long' },
  { name: 'Anchor', type: 'datetime' },
  { name: 'QueryFrequencySeconds', type: 'long' },
  { name: 'Status', type: 'string' },
  { name: 'Reason', type: 'string' },
  { name: 'FailureCount', type: 'long' },
  { name: 'FailureKey', type: 'string' },
]);

export type RuleStatus = 'Enabled' | 'AutoDisabled';
/** What the product puts before the name of a rule that it disabled. */
export const autoDisabledPrefix = 'AUTO DISABLED ';

export interface RuleState {
  readonly ruleId: string;
  readonly ruleName: string;
  readonly ruleHash: string;
  /** Counts the rows of the rule. */
  readonly version: number;
  /** A nominal time of the rule; all others are multiples of the frequency away. Milliseconds since the epoch. */
  readonly anchor: number;
  readonly frequencyMs: number;
  readonly status: RuleStatus;
  /** Why it is disabled. */
  readonly reason: string;
  readonly failures: { readonly count: number; readonly key: string };
}

/** The state of each rule, by its id in lower case. */
export async function readRuleStates(store: Store): Promise<Map<string, RuleState>> {
  const rows = await newestRows(store, ruleStateSchema, { where: sql`1`, key: 'RuleId', newestBy: 'Version' });
  return new Map(rows.map((row) => [String(row.RuleId), stateOf(row)]));
}

/**
 * Appends the state. Its version is part of the token: of two schedulers that change the same state at the same time one
 * is heard, and both read what holds when they look next.
 */
export async function writeRuleState(store: Store, state: RuleState, now: number): Promise<void> {
  await store.ensureTable(ruleStateSchema);
  const isDisabled = state.status === 'AutoDisabled';
  const row: Row = {
    TimeGenerated: isoTime(now),
    RuleId: state.ruleId.toLowerCase(),
    RuleName: `${isDisabled ? autoDisabledPrefix : ''}${state.ruleName}`,
    RuleHash: state.ruleHash,
    Version: state.version,
    Anchor: isoTime(state.anchor),
    QueryFrequencySeconds: Math.round(state.frequencyMs / 1000),
    Status: state.status,
    Reason: state.reason,
    FailureCount: state.failures.count,
    FailureKey: state.failures.key,
  };
  const token = `state ${state.version} of ${state.ruleId.toLowerCase()}`;
  await store.insert(ruleStateSchema.name, [row], { token, receivedAt: now });
}

const stateOf = (row: Row): RuleState => {
  const isDisabled = row.Status === 'AutoDisabled';
  return {
    ruleId: String(row.RuleId),
    ruleName: String(row.RuleName).slice(isDisabled ? autoDisabledPrefix.length : 0),
    ruleHash: String(row.RuleHash),
    version: Number(row.Version),
    anchor: Date.parse(String(row.Anchor)),
    frequencyMs: Number(row.QueryFrequencySeconds) * 1000,
    status: isDisabled ? 'AutoDisabled' : 'Enabled',
    reason: String(row.Reason),
    failures: { count: Number(row.FailureCount), key: String(row.FailureKey) },
  };
};
