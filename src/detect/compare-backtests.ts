import type { AnalyticRule } from '../content/index.js';
import type { Row } from '../tables/index.js';
import type { Backtest } from './backtest.js';
import { contentKey } from './content-key.js';
import { type Entity, entityKey, jsonTypes, listedEntities } from './entities/index.js';
import { list } from './incident.js';

/** What one version of a rule gives over a range. */
export interface Version {
  readonly rule: Pick<AnalyticRule, 'queryFrequencyMs' | 'entityMappings' | 'sentinelEntitiesMappings'>;
  readonly backtest: Backtest;
}

/** `new`: of the version at hand only; `lost`: of the other only; `same`: of both, as rows of the version at hand. */
export interface Difference {
  readonly new: readonly Row[];
  readonly lost: readonly Row[];
  readonly same: readonly Row[];
}

export interface Comparison {
  readonly alerts: Difference;
  readonly incidents: Difference;
}

/**
 * Compares what two versions of a rule raise over the same range, which begins at `from`. Ids say nothing here, as a changed
 * query changes them: two alerts are the same when they belong to the same time and name the same entities, of the kinds that
 * both versions map. Where the frequencies differ, the time is that of the slower version. Two incidents are the same when
 * their alerts are.
 */
export function compareBacktests(now: Version, other: Version, from: number): Comparison {
  const stepMs = Math.max(now.rule.queryFrequencyMs, other.rule.queryFrequencyMs);
  const [has, otherHas] = [mapped(now.rule), mapped(other.rule)];
  const isShared = ({ Type: type }: Entity) => has(type) && otherHas(type);
  const [mine, theirs] = [now, other].map(({ backtest }) => alertKeys(backtest, from, stepMs, isShared));
  return {
    alerts: difference(keyed(now.backtest.alerts, mine!), keyed(other.backtest.alerts, theirs!)),
    incidents: difference(incidentKeys(now.backtest, mine!), incidentKeys(other.backtest, theirs!)),
  };
}

/** Tells the kinds of entities that a rule maps; those that it copies from other alerts can be of any kind. */
function mapped(rule: Version['rule']): (type: string) => boolean {
  if (rule.sentinelEntitiesMappings.length > 0) return () => true;
  const types = new Set(rule.entityMappings.map((mapping) => jsonTypes[mapping.entityType]));
  return (type) => types.has(type);
}

/** Key of every alert, by its id. */
function alertKeys(
  backtest: Backtest,
  from: number,
  stepMs: number,
  isShared: (entity: Entity) => boolean,
): ReadonlyMap<string, string> {
  const steps = new Map<string, number>();
  for (const run of backtest.runs)
    for (const id of run.alertIds) steps.set(id, Math.ceil((Date.parse(run.window.to) - from) / stepMs));
  return new Map(
    backtest.alerts.map((alert) => {
      const id = String(alert.SystemAlertId);
      const entities = listedEntities(alert.Entities).filter(isShared).map(entityKey).sort();
      return [id, contentKey([steps.get(id) ?? -1, entities])];
    }),
  );
}

type Keyed = readonly (readonly [key: string, row: Row])[];

const keyed = (alerts: readonly Row[], keys: ReadonlyMap<string, string>): Keyed =>
  alerts.map((alert) => [keys.get(String(alert.SystemAlertId)) ?? '', alert]);

const incidentKeys = ({ incidents }: Backtest, keys: ReadonlyMap<string, string>): Keyed =>
  incidents.map((incident) => [
    contentKey(
      list(incident, 'AlertIds')
        .map((id) => keys.get(id) ?? '')
        .sort(),
    ),
    incident,
  ]);

/** Pairs rows of equal keys, each with one of the other side at most. */
function difference(now: Keyed, other: Keyed): Difference {
  const waiting = new Map<string, Row[]>();
  for (const [key, row] of other) waiting.set(key, [...(waiting.get(key) ?? []), row]);
  const fresh: Row[] = [];
  const same: Row[] = [];
  for (const [key, row] of now) (waiting.get(key)?.shift() ? same : fresh).push(row);
  return { new: fresh, lost: [...waiting.values()].flat(), same };
}
