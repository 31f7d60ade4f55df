import type { DecodeContext } from '../../connector.js';
import { parseTime } from '../../times.js';
import { textOf } from './json-values.js';

/** A time in any form that forwarders write: also `/Date(1603420600671)/` of PowerShell and epoch numbers with decimals. */
export function timeOf(value: unknown, context: DecodeContext): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const text = textOf(value).trim();
  const date = /^\/Date\((-?\d+)\)\/$/.exec(text)?.[1] ?? text;
  return parseTime(date, { zoneOffsetMinutes: context.zoneOffsetMinutes, receivedAt: context.receivedAt });
}

const hasZone = /(?:Z|[+-]\d\d:?\d\d)$/i;
const quarterMinutes = 15;

/**
 * Minutes east of UTC of the clock that wrote a local time: the same moment is known in UTC from another field. Undefined
 * when the two are not a whole number of quarter hours apart, give or take the delay between them.
 */
export function zoneFromPair(local: unknown, utc: unknown, context: DecodeContext): number | undefined {
  if (hasZone.test(textOf(local)) || !hasZone.test(textOf(utc))) return undefined;
  const [here, there] = [local, utc].map((time) => timeOf(time, { ...context, zoneOffsetMinutes: 0 }));
  if (!here || !there) return undefined;
  const minutes = (Date.parse(here) - Date.parse(there)) / 60_000;
  const quarters = Math.round(minutes / quarterMinutes) * quarterMinutes;
  return Math.abs(minutes - quarters) <= 2 && Math.abs(quarters) <= 14 * 60 ? quarters : undefined;
}
