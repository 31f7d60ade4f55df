import { type AlertDetailsOverride, type AlertSeverity, isTechnique, severities, tacticOf } from '../content/index.js';
import { parseJson } from './entities/map.js';
import { cutToBytes, limits, utf8Bytes } from './limits.js';
import type { ResultRow } from './result-row.js';

/**
 * Custom details of an alert: for each detail the distinct values of its column over the rows, as text. Values beyond 50 of
 * a detail, or beyond 2 KB together, are left out; a detail without a value does not appear.
 */
export function customDetails(
  details: Readonly<Record<string, string>>,
  rows: readonly ResultRow[],
): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const [name, column] of Object.entries(details)) {
    for (const value of distinctTexts(rows, column)) {
      const values = found[name] ?? [];
      const extended = { ...found, [name]: [...values, value] };
      if (utf8Bytes(JSON.stringify(extended)) > limits.customDetailsBytes) break;
      found[name] = [...values, value];
    }
  }
  return found;
}

/** Distinct values of a column, the first 50. */
function distinctTexts(rows: readonly ResultRow[], column: string): string[] {
  const values = new Set<string>();
  for (const row of rows) {
    const text = row.text(column);
    if (text !== '') values.add(text);
    if (values.size === limits.valuesPerDetail) break;
  }
  return [...values];
}

/** What an override makes of the properties of an alert; a property that keeps the rule's own value is undefined. */
export interface Overridden {
  readonly displayName?: string | undefined;
  readonly description?: string | undefined;
  readonly severity?: AlertSeverity | undefined;
  readonly tactics?: readonly string[] | undefined;
  /** Values for columns of the alert: ProductName, ConfidenceScore, Techniques, … */
  readonly columns: Readonly<Record<string, string | number>>;
}

export function override(details: AlertDetailsOverride, rows: readonly ResultRow[]): Overridden {
  const columns: Record<string, string | number> = {};
  for (const { alertProperty, value: column } of details.alertDynamicProperties) {
    const value = dynamicProperty(alertProperty, column, rows);
    if (value !== undefined) columns[alertProperty] = value;
  }
  return {
    displayName: fill(details.alertDisplayNameFormat, rows, limits.singleValueBytes),
    description: fill(details.alertDescriptionFormat, rows, limits.listValueBytes),
    severity: overriddenSeverity(details.alertSeverityColumnName, rows),
    tactics: overriddenTactics(details.alertTacticsColumnName, rows),
    columns,
  };
}

const placeholder = /\{\{\s*([^{}]*?)\s*\}\}/g;

/**
 * Fills `{{Column}}` with the values of the column, several of them separated by commas, as many as fit.
 * A column without any value makes the whole text fall back to the rule's.
 */
function fill(format: string | undefined, rows: readonly ResultRow[], maxBytes: number): string | undefined {
  if (!format) return undefined;
  const values = new Map<string, string[]>();
  for (const [, column] of format.matchAll(placeholder)) values.set(column!, distinctTexts(rows, column!));
  if ([...values.values()].some((list) => list.length === 0)) return undefined;
  const render = (count: number) =>
    format.replaceAll(placeholder, (_, column: string) => values.get(column)!.slice(0, count).join(', '));
  for (let count = Math.max(1, ...[...values.values()].map((v) => v.length)); count > 1; count--) {
    const text = render(count);
    if (utf8Bytes(text) <= maxBytes) return text;
  }
  return cutToBytes(render(1), maxBytes);
}

/** The highest severity that the rows name. */
function overriddenSeverity(column: string | undefined, rows: readonly ResultRow[]): AlertSeverity | undefined {
  if (!column) return undefined;
  const named = new Set(rows.map((row) => row.text(column).toLowerCase()));
  return severities.findLast((severity) => named.has(severity.toLowerCase()));
}

function overriddenTactics(column: string | undefined, rows: readonly ResultRow[]): string[] | undefined {
  if (!column) return undefined;
  const tactics = listValues(column, rows).flatMap((text) => tacticOf(text) ?? []);
  return tactics.length > 0 ? [...new Set(tactics)] : undefined;
}

function dynamicProperty(property: string, column: string, rows: readonly ResultRow[]): string | number | undefined {
  switch (property) {
    case 'ConfidenceScore': {
      const text = firstText(column, rows);
      return text !== '' && Number.isFinite(Number(text)) ? Number(text) : undefined;
    }
    case 'Techniques':
    case 'SubTechniques': {
      const ids = listValues(column, rows).map((text) => text.toUpperCase());
      return listText(ids.filter((id) => isTechnique(id) && id.includes('.') === (property === 'SubTechniques')));
    }
    case 'RemediationSteps':
      return listText(listValues(column, rows, false));
    case 'ExtendedLinks': {
      const links = rows.flatMap((row) => {
        const value = row.value(column);
        const parsed = typeof value === 'string' ? (parseJson(value) ?? { Href: value }) : value;
        return Array.isArray(parsed) ? parsed : parsed === null ? [] : [parsed];
      });
      return listText(links);
    }
    default: {
      const text = firstText(column, rows);
      return text === '' ? undefined : cutToBytes(text, limits.singleValueBytes);
    }
  }
}

const firstText = (column: string, rows: readonly ResultRow[]) =>
  rows.map((row) => row.text(column)).find((text) => text !== '') ?? '';

/** The values of a column that holds lists, as JSON or (unless `commas` is false) separated by commas. */
function listValues(column: string, rows: readonly ResultRow[], commas = true): string[] {
  return rows.flatMap((row) => {
    const value = row.value(column);
    const parsed = typeof value === 'string' ? parseJson(value) : value;
    if (Array.isArray(parsed)) return parsed.map((item) => (typeof item === 'string' ? item : JSON.stringify(item)));
    const text = row.text(column);
    return (commas ? text.split(',') : [text]).map((part) => part.trim()).filter(Boolean);
  });
}

/** Distinct items as JSON text, the first 50 and within 5 KB; undefined for none. */
function listText(items: readonly unknown[]): string | undefined {
  const kept: string[] = [];
  let bytes = 2;
  for (const item of new Set(items.map((item) => JSON.stringify(item)))) {
    bytes += utf8Bytes(item) + 1;
    if (kept.length === limits.valuesPerDetail || bytes > limits.listValueBytes) break;
    kept.push(item);
  }
  return kept.length === 0 ? undefined : `[${kept.join(',')}]`;
}
