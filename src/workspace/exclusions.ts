import { fail, parseTimespan, ticksPerMs } from '../base/index.js';
import type { AnalyticRule } from '../content/index.js';
import {
  addExclusion,
  type Excluded,
  type Exclusion,
  entityTypeOf,
  findingsOf,
  hiddenCounts,
  hiddenTotals,
  holdsAt,
  readExclusions,
  readHidden,
  removeExclusion,
} from '../detect/index.js';
import type { Row } from '../tables/index.js';
import { type Engine, unwrap } from './engine.js';
import { parseTime, type Time } from './times.js';

export interface NewExclusion {
  /** A KQL condition over the columns of the rule's result. Either this or `entity`. */
  readonly where?: string | undefined;
  /** `Account=ana@example.com`, `IP=198.51.100.0/24`: an entity that the rule maps. */
  readonly entity?: string | undefined;
  readonly reason: string;
  /** Default: the user of the process. */
  readonly author?: string | undefined;
  /** A time, a timespan from now such as `30d`, or `never`. */
  readonly expires: Time;
}

export interface ExclusionStatus extends Exclusion {
  readonly status: 'active' | 'expired' | 'removed';
  /** Rows that it hid so far. */
  readonly hiddenRows: number;
}

/** What rules must not alert on. */
export interface Exclusions {
  /** Checks the exclusion against the columns and entities of the rule, and stores it. */
  add(rule: string, exclusion: NewExclusion): Promise<Exclusion>;
  /** The oldest first; those that no longer hold too when asked. */
  list(options?: {
    readonly rule?: string | undefined;
    readonly all?: boolean | undefined;
  }): Promise<readonly ExclusionStatus[]>;
  /** By its id or the beginning of it. */
  remove(id: string, by?: string): Promise<Exclusion>;
  /** Rows of VedetteHidden_CL: what exclusions hid, run by run, the latest first. */
  hidden(options?: { readonly id?: string | undefined; readonly rule?: string | undefined }): Promise<readonly Row[]>;
}

export function exclusionsOf(
  engine: Engine,
  find: (rule: string) => Promise<AnalyticRule>,
  user: () => string,
): Exclusions {
  const { store, clock } = engine;
  const one = async (id: string): Promise<Exclusion> => {
    const found = (await readExclusions(store)).filter((each) => each.id.startsWith(id.toLowerCase()));
    if (found.length === 1) return found[0]!;
    return fail('CLI6001', found.length === 0 ? `there is no exclusion ${id}` : `several exclusions begin with ${id}`);
  };
  return {
    async add(wanted, { where, entity, reason, author = user(), expires: given }) {
      const rule = await find(wanted);
      const now = clock.now();
      if (reason.trim() === '') fail('CLI6001', 'an exclusion wants a reason');
      const expires = expiry(given, now);
      if (expires !== undefined && expires <= now) fail('CLI6001', 'the exclusion would have expired already');
      if ((where === undefined) === (entity === undefined))
        fail('CLI6001', 'an exclusion is either a condition or an entity');
      const excluded: Excluded =
        where === undefined ? entityOf(rule, entity!) : { kind: 'where', condition: where.trim() };
      if (excluded.kind === 'where') {
        // Columns may depend on the rows, so those of a run as of now are looked at.
        const window = { from: now - rule.queryPeriodMs, to: now };
        const request = { at: now, window, conditions: [excluded.condition] };
        unwrap(await (await engine.runner()).compile(rule.query, request));
      }
      const common = { ruleId: rule.id, ruleName: rule.name, excluded, reason, author, expires, created: now };
      return addExclusion(store, common);
    },
    async list({ rule, all } = {}) {
      const ruleId = rule === undefined ? undefined : (await find(rule)).id;
      const totals = await hiddenTotals(store);
      const now = clock.now();
      const found = await readExclusions(store, ruleId);
      return found
        .filter((each) => all || holdsAt(each, now))
        .map((each) => ({
          ...each,
          status: each.isRemoved ? 'removed' : holdsAt(each, now) ? 'active' : 'expired',
          hiddenRows: totals.get(each.id) ?? 0,
        }));
    },
    async remove(id, by = user()) {
      const exclusion = await one(id);
      if (exclusion.isRemoved) fail('CLI6001', `the exclusion ${id} is removed already`);
      return removeExclusion(store, exclusion, by, clock.now());
    },
    async hidden({ id, rule } = {}) {
      const exclusionId = id === undefined ? undefined : (await one(id)).id;
      const ruleId = rule === undefined ? undefined : (await find(rule)).id;
      return readHidden(store, { exclusionId, ruleId });
    },
  };
}

/** What the exclusions of a rule hide of its result at a time; nothing is written. */
export async function hiddenAt(engine: Engine, rule: AnalyticRule, at: number, signal: AbortSignal | undefined) {
  const exclusions = (await readExclusions(engine.store, rule.id)).filter((each) => holdsAt(each, at));
  if (exclusions.length === 0) return undefined;
  const window = {
    from: at - rule.queryPeriodMs,
    to: at,
    on: rule.kind === 'NRT' ? '_TimeReceived' : 'TimeGenerated',
  } as const;
  const found = await findingsOf(rule, await engine.runner(), { at, window, source: rule.source, signal }, exclusions);
  return hiddenCounts(unwrap(found).hidden);
}

function entityOf(rule: AnalyticRule, text: string): Excluded {
  const [, spelled = '', value = ''] = /^\s*([A-Za-z]+)\s*=\s*(.*?)\s*$/s.exec(text) ?? [];
  const type = entityTypeOf(spelled);
  if (!type || value === '')
    return fail('CLI6001', `'${text}' is no entity`, { hint: 'such as Account=ana@example.com or IP=198.51.100.0/24' });
  if (
    !rule.entityMappings.some((mapping) => mapping.entityType === type) &&
    rule.sentinelEntitiesMappings.length === 0
  ) {
    const mapped = [...new Set(rule.entityMappings.map((mapping) => mapping.entityType))].join(', ');
    fail('CLI6001', `the rule maps no entity ${type}`, { hint: mapped ? `it maps ${mapped}` : 'it maps none' });
  }
  return { kind: 'entity', type, value };
}

function expiry(given: Time, now: number): number | undefined {
  if (given === 'never') return undefined;
  const span = typeof given === 'string' ? parseTimespan(given) : undefined;
  return span === undefined ? parseTime(given) : now + Number(span / ticksPerMs);
}
