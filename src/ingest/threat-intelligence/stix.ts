import { formatDatetime, parseDatetime, shortDatetime } from '../../base/index.js';
import { isObject } from '../formats/json.js';
import { type Observable, observablesOf, parsePattern } from './pattern.js';
import { tlpOf } from './tlp.js';

type Json = Readonly<Record<string, unknown>>;

/** A STIX object that can be stored. Times are ISO 8601 UTC. */
export interface StixObject {
  readonly id: string;
  readonly type: string;
  /** Left out by observed data, which has no versions. */
  readonly modified: string | undefined;
  readonly data: Json;
  readonly tlp: string | undefined;
  /** Of an indicator. */
  readonly indicator?: Indicator | undefined;
  /** The source gives no time of change: equal content is the same version, other content a newer one. */
  readonly isUndated?: true | undefined;
}

export interface Indicator {
  readonly pattern: string;
  /** One with empty texts when the pattern compares nothing for equality, or is of another language. */
  readonly observables: readonly Observable[];
  readonly created: string;
  readonly validFrom: string;
  readonly validUntil: string | undefined;
  readonly revoked: boolean;
  readonly confidence: number | undefined;
  readonly labels: readonly string[];
  readonly types: readonly string[];
  readonly phases: readonly string[];
  readonly name: string;
  readonly description: string;
  /** 0 to 5, in CSV files only. */
  readonly severity?: number | undefined;
}

/** Why an object cannot be stored; names no values. */
export class Unusable extends Error {}

const identifier = /^([a-z][a-z0-9-]{0,249})--[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Reads an object of STIX 2.0 or 2.1. Throws `Unusable`.
 * Source  https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html
 */
export function readStix(value: unknown, markings: Map<string, string>): StixObject {
  if (!isObject(value)) throw new Unusable('it is no object');
  const own = (key: string): unknown => (Object.hasOwn(value, key) ? value[key] : undefined);
  const type = own('type');
  if (typeof type !== 'string') throw new Unusable('it has no type');
  if (type === 'bundle')
    throw new Unusable(
      Array.isArray(own('objects')) ? 'a bundle cannot be part of a bundle' : 'it is a bundle without objects',
    );
  const id = own('id');
  if (typeof id !== 'string' || identifier.exec(id)?.[1]?.toLowerCase() !== type.toLowerCase())
    throw new Unusable('its id is no identifier of its type');
  const read = new Properties(own);
  const modified = read.time('modified');
  const tlp = tlpOf(read.texts('object_marking_refs'), markings);
  if (type === 'marking-definition') noteMarking(id, own, markings);
  const common = { id, type, modified, tlp, data: value };
  return type === 'indicator' ? { ...common, indicator: readIndicator(read, modified) } : common;
}

function readIndicator(read: Properties, modified: string | undefined): Indicator {
  if (modified === undefined) throw new Unusable('it has no modified');
  const pattern = read.text('pattern');
  if (pattern === '') throw new Unusable('it has no pattern');
  const validFrom = read.time('valid_from');
  if (validFrom === undefined) throw new Unusable('it has no valid_from');
  const validUntil = read.time('valid_until');
  if (validUntil !== undefined && validUntil <= validFrom)
    throw new Unusable('its valid_until is not after its valid_from');
  const language = read.text('pattern_type') || 'stix';
  return {
    ...{ pattern, observables: language === 'stix' ? observables(pattern) : nothing, validFrom, validUntil },
    ...{ created: read.time('created') ?? modified, revoked: read.flag('revoked'), confidence: read.confidence() },
    ...{ labels: read.texts('labels'), types: read.texts('indicator_types'), phases: read.phases() },
    ...{ name: read.text('name'), description: read.text('description') },
  };
}

const nothing: readonly Observable[] = [{ key: '', value: '' }];

function observables(pattern: string): readonly Observable[] {
  const parsed = parsePattern(pattern);
  if (!parsed.ok) throw new Unusable(`its pattern is malformed: ${parsed.reason}`);
  const found = observablesOf(parsed.comparisons);
  return found.length > 0 ? found : nothing;
}

/** ISO 8601 UTC; undefined for no time. */
export function isoOf(text: string): string | undefined {
  const ticks = parseDatetime(text);
  return ticks === undefined ? undefined : shortDatetime(formatDatetime(ticks));
}

/** Properties of an object by their types; a property of another type makes the object unusable. */
class Properties {
  constructor(private readonly own: (key: string) => unknown) {}

  text(key: string): string {
    const value = this.own(key) ?? '';
    if (typeof value !== 'string') throw new Unusable(`its ${key} is no text`);
    return value;
  }

  time(key: string): string | undefined {
    const text = this.text(key);
    if (text === '') return undefined;
    const time = isoOf(text);
    if (time === undefined) throw new Unusable(`its ${key} is no time`);
    return time;
  }

  texts(key: string): readonly string[] {
    const value = this.own(key) ?? [];
    if (!Array.isArray(value) || !value.every((each) => typeof each === 'string'))
      throw new Unusable(`its ${key} is no list of texts`);
    return value;
  }

  flag(key: string): boolean {
    const value = this.own(key) ?? false;
    if (typeof value !== 'boolean') throw new Unusable(`its ${key} is neither true nor false`);
    return value;
  }

  /** Some tools write the number as a text. */
  confidence(): number | undefined {
    const value = this.own('confidence') ?? '';
    if (value === '') return undefined;
    const number = typeof value === 'string' && /^\d{1,3}$/.test(value) ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isInteger(number) || number < 0 || number > 100)
      throw new Unusable('its confidence is no whole number from 0 to 100');
    return number;
  }

  phases(): readonly string[] {
    const value = this.own('kill_chain_phases') ?? [];
    const isPhase = (each: unknown): each is { phase_name: string } =>
      isObject(each) && typeof each.phase_name === 'string';
    if (!Array.isArray(value) || !value.every(isPhase))
      throw new Unusable('its kill_chain_phases is no list of phases');
    return value.map((phase) => phase.phase_name);
  }
}

/** A file that defines a million markings must not fill the memory. */
const MAX_MARKINGS = 10_000;

function noteMarking(id: string, own: (key: string) => unknown, markings: Map<string, string>): void {
  const definition = own('definition');
  if (own('definition_type') !== 'tlp' || !isObject(definition) || markings.size >= MAX_MARKINGS) return;
  if (typeof definition.tlp === 'string') markings.set(id, definition.tlp.toLowerCase());
}
