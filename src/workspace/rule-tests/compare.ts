import { jsonTypes, listedEntities, type RuleRun } from '../../detect/index.js';
import type { Row } from '../../tables/index.js';
import { isSame } from '../test-values.js';
import type { Expectation } from './schema.js';

/** What differs from what a case expects. */
export interface Failure {
  readonly what: 'error' | 'data' | 'count' | 'rows' | 'alerts' | 'incidents' | 'silence' | 'stoppedAt';
  readonly message: string;
  readonly diff?: Diff | undefined;
}

/** Expected and actual things side by side: `=` are both, `-` are expected only, `+` are actual only. */
export interface Diff {
  readonly columns: readonly string[];
  readonly rows: readonly { readonly mark: '=' | '-' | '+'; readonly cells: readonly unknown[] }[];
}

type Thing = Readonly<Record<string, unknown>>;

/** Everything about the run that differs; the step that stopped it is compared elsewhere. */
export function compareRun(expected: Expectation, run: RuleRun): Failure[] {
  const failures: (Failure | undefined)[] = [];
  const rows = run.rows.map((row) => Object.fromEntries(run.columns.map((column, i) => [column.name, row[i]])));
  const shown = run.columns.map((column) => column.name).slice(0, SHOWN_COLUMNS);
  const isSilent = expected.silence ?? expected.stoppedAt !== undefined;
  if (isSilent && run.triggered) {
    const columns = expected.rows ? [] : shown;
    const diff = columns.length > 0 ? differences([], rows, columns) : undefined;
    failures.push({ what: 'silence', message: `the rule alerts on ${counted(run.resultCount, 'row')}`, diff });
  }
  if (expected.count !== undefined && expected.count !== run.resultCount) {
    const message = `${counted(run.resultCount, 'row')} instead of ${expected.count}`;
    failures.push({ what: 'count', message, diff: expected.rows ? undefined : differences([], rows, shown) });
  }
  if (expected.rows) failures.push(compareAll('rows', 'row', expected.rows, rows));
  const { alerts, incidents = expected.incident && [expected.incident] } = expected;
  const actualAlerts = run.alerts.map(alertOf);
  if (alerts !== undefined) failures.push(compareCountOrAll('alerts', 'alert', alerts, actualAlerts, run));
  if (incidents !== undefined)
    failures.push(compareCountOrAll('incidents', 'incident', incidents, run.incidents.map(incidentOf), run));
  return failures.filter((failure) => failure !== undefined);
}

/** A table that is wider says nothing on a screen. */
const SHOWN_COLUMNS = 6;

const counted = (n: number, one: string) => `${n} ${one}${n === 1 ? '' : 's'}`;

function compareCountOrAll(
  what: 'alerts' | 'incidents',
  one: string,
  wanted: number | readonly Thing[],
  given: readonly Thing[],
  { triggered, resultCount }: RuleRun,
): Failure | undefined {
  if (typeof wanted !== 'number') return compareAll(what, one, wanted, given);
  if (wanted === given.length) return undefined;
  const why = triggered ? '' : `: the rule does not trigger on ${counted(resultCount, 'row')}`;
  const diff = given.length > 0 ? differences([], given, ['title', 'severity', 'entities']) : undefined;
  return { what, message: `${counted(given.length, one)} instead of ${wanted}${why}`, diff };
}

/** All of both must pair up, in any order. */
function compareAll(
  what: Failure['what'],
  one: string,
  wanted: readonly Thing[],
  given: readonly Thing[],
): Failure | undefined {
  const partners = pairs(wanted, given);
  if (wanted.length === given.length && partners.every((partner) => partner !== undefined)) return undefined;
  const columns = [...new Set(wanted.flatMap((thing) => Object.keys(thing)))];
  const shown = columns.length > 0 ? columns : Object.keys(given[0] ?? {}).slice(0, SHOWN_COLUMNS);
  const missing = partners.filter((partner) => partner === undefined).length;
  const extra = given.length - (wanted.length - missing);
  const parts = [
    missing > 0 ? `${counted(missing, `expected ${one}`)} missing` : '',
    extra > 0 ? `${counted(extra, one)} not expected` : '',
  ];
  return { what, message: parts.filter(Boolean).join(', '), diff: differences(wanted, given, shown, partners) };
}

function differences(
  wanted: readonly Thing[],
  given: readonly Thing[],
  columns: readonly string[],
  partners: readonly (number | undefined)[] = [],
): Diff {
  const line = (mark: '=' | '-' | '+', thing: Thing) => ({ mark, cells: columns.map((column) => thing[column]) });
  return {
    columns,
    rows: [
      ...given.filter((_, i) => partners.includes(i)).map((thing) => line('=', thing)),
      ...wanted.filter((_, i) => partners[i] === undefined).map((thing) => line('-', thing)),
      ...given.filter((_, i) => !partners.includes(i)).map((thing) => line('+', thing)),
    ],
  };
}

/**
 * For each wanted thing the place of a given one that it fits, no two the same. What one takes that another needs is
 * given up when it fits elsewhere: a wanted row that names few columns must not take the only partner of one that names many.
 */
export function pairs(wanted: readonly Thing[], given: readonly Thing[]): (number | undefined)[] {
  const takenBy = new Map<number, number>();
  const place = (w: number, tried: Set<number>): boolean => {
    for (const [g, thing] of given.entries()) {
      if (tried.has(g) || !fits(wanted[w]!, thing)) continue;
      tried.add(g);
      const holder = takenBy.get(g);
      if (holder === undefined || place(holder, tried)) {
        takenBy.set(g, w);
        return true;
      }
    }
    return false;
  };
  wanted.forEach((_, w) => {
    place(w, new Set());
  });
  const found = new Map([...takenBy].map(([g, w]) => [w, g]));
  return wanted.map((_, w) => found.get(w));
}

function fits(wanted: Thing, given: Thing): boolean {
  return Object.entries(wanted).every(([key, value]) => {
    const other = given[key];
    if (key === 'entities' && Array.isArray(value)) return fitAll(value.map(entityOf), other as Thing[]);
    if (key === 'tactics' || key === 'techniques') return isSame(sorted(value), sorted(other));
    if (key === 'customDetails') return detailsFit(value as Thing, other as Thing);
    if (key === 'columns') return isSame(value, other);
    return Object.hasOwn(given, key) && isSame(value, other);
  });
}

const fitAll = (wanted: readonly Thing[], given: readonly Thing[]) =>
  wanted.length === given.length && pairs(wanted, given).every((partner) => partner !== undefined);

const sorted = (value: unknown) => (Array.isArray(value) ? value.map(String).sort() : value);

/** A single value stands for a list of one; values are text. */
const detailsFit = (wanted: Thing, given: Thing) =>
  Object.entries(wanted).every(([name, value]) =>
    isSame([value].flat().map(String).sort(), [...((given[name] as string[] | undefined) ?? [])].sort()),
  );

/** As mappings write it, `type: IP`, or as alerts do, `Type: ip`. */
function entityOf(entity: Thing): Thing {
  const { type, ...identifiers } = entity;
  const known = Object.entries(jsonTypes).find(([name]) => name.toLowerCase() === String(type).toLowerCase());
  return type === undefined ? entity : { ...identifiers, type: known?.[1] ?? type };
}

/** An alert in the words of test files. */
function alertOf(row: Row): Thing {
  const properties = json(row.ExtendedProperties) as Thing | undefined;
  return {
    title: row.DisplayName,
    description: row.Description,
    severity: row.AlertSeverity,
    tactics: String(row.Tactics ?? '')
      .split(',')
      .filter(Boolean),
    techniques: [row.Techniques, row.SubTechniques].flatMap((text) => json(text) ?? []),
    entities: listedEntities(row.Entities).map(({ Type, ...identifiers }) => ({ type: Type, ...identifiers })),
    customDetails: json(properties?.['Custom Details']) ?? {},
    columns: row,
  };
}

function incidentOf(row: Row): Thing {
  const more = (row.AdditionalData ?? {}) as Thing;
  return {
    title: row.Title,
    description: row.Description,
    severity: row.Severity,
    alerts: more.alertsCount,
    tactics: more.tactics,
    techniques: more.techniques,
    columns: row,
  };
}

function json(text: unknown): unknown {
  try {
    return typeof text === 'string' && text !== '' ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}
