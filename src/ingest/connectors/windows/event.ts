import { child, childElements, localName, text, type XmlElement } from './element.js';
import type { JsonObject } from './json-values.js';

/** One item of the event's payload. Classic providers send items without names. */
export interface DataItem {
  readonly name?: string | undefined;
  readonly value: string;
  /** The element's name when it is not Data, such as Binary. */
  readonly tag?: string | undefined;
}

/** A part of UserData: text, or further parts by element name (an array where a name repeats). */
export type UserData = string | UserData[] | { [name: string]: UserData };

/**
 * One record of a Windows event log, whatever format carried it. Text is as the source wrote it; numbers are decimal.
 * A field that the source did not send is undefined.
 */
export interface LogEvent {
  eventId: number;
  provider?: string | undefined;
  version?: number | undefined;
  /** 0 LogAlways, 1 Critical, 2 Error, 3 Warning, 4 Information, 5 Verbose. */
  level?: number | undefined;
  task?: number | undefined;
  opcode?: string | undefined;
  /** Hexadecimal with `0x`. */
  keywords?: string | undefined;
  /** ISO 8601 UTC, up to 7 decimals. */
  time?: string | undefined;
  recordId?: string | undefined;
  activityId?: string | undefined;
  processId?: number | undefined;
  threadId?: number | undefined;
  channel?: string | undefined;
  computer?: string | undefined;
  /** SID of the account that the record was written for. */
  userId?: string | undefined;
  /** `DOMAIN\name` of that account, where the source resolved it. */
  userName?: string | undefined;
  /** Rendered message text. */
  message?: string | undefined;
  data: DataItem[];
  /** Name of the element inside UserData, its namespace and its content. */
  userData?: { readonly element: XmlElement; readonly content: UserData } | undefined;
  /** The row of a Log Analytics table that the source delivered ready made. */
  row?: { readonly table: string; readonly columns: JsonObject } | undefined;
}

const integer = (value: string | undefined): number | undefined =>
  value !== undefined && /^\s*-?\d{1,10}\s*$/.test(value) ? Number(value) : undefined;

const nonEmpty = (value: string | undefined): string | undefined => (value === '' ? undefined : value);

/** Cuts a time to the 100 ns that a datetime holds: `2026-03-04T09:12:31.123456789Z` → `…31.1234567Z`. */
export function systemTime(value: string | undefined): string | undefined {
  const match = /^\s*(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d+))?(?:Z|\+00:00)?\s*$/.exec(value ?? '');
  if (!match || Number.isNaN(Date.parse(`${match[1]}T${match[2]}Z`))) return undefined;
  const fraction = match[3]?.slice(0, 7);
  return `${match[1]}T${match[2]}${fraction ? `.${fraction}` : ''}Z`;
}

/** Pairs as an object; the values of a repeated name become an array in their order. */
export function collect<T>(pairs: readonly (readonly [string, T])[]): { [name: string]: T | T[] } {
  const values = new Map<string, T[]>();
  for (const [name, value] of pairs) {
    const known = values.get(name);
    if (known) known.push(value);
    else values.set(name, [value]);
  }
  // fromEntries defines properties: a name such as `__proto__` stays a plain key.
  return Object.fromEntries([...values].map(([name, all]) => [name, all.length === 1 ? all[0]! : all]));
}

/** Content of an element of UserData: leaves are text, names lose their prefix, repeated names become an array. */
export function userDataContent(element: XmlElement): UserData {
  const parts = childElements(element);
  if (parts.length === 0) return text(element);
  return collect(parts.map((part) => [localName(part.name), userDataContent(part)]));
}

/**
 * Reads the `Event` element of the Windows event schema.
 *
 * Errors  a reason in words when System or EventID is missing
 * Source  https://learn.microsoft.com/windows/win32/wes/eventschema-schema
 */
export function eventOfElement(root: XmlElement): LogEvent | { readonly reason: string } {
  const system = child(root, 'System');
  if (!system) return { reason: 'the Event element has no System element' };
  const field = (name: string): string | undefined => {
    const element = child(system, name);
    return element && text(element).trim();
  };
  const attribute = (element: string, ...names: string[]): string | undefined => {
    const attributes = child(system, element)?.attributes;
    for (const name of names) if (attributes?.has(name)) return nonEmpty(attributes.get(name));
    return undefined;
  };
  const eventId = integer(field('EventID'));
  if (eventId === undefined) return { reason: 'System has no numeric EventID' };
  const rendering = child(root, 'RenderingInfo');
  const message = rendering && child(rendering, 'Message');
  const data: DataItem[] = [];
  const eventData = child(root, 'EventData');
  for (const item of eventData ? childElements(eventData) : []) {
    const tag = localName(item.name);
    const isData = tag === 'Data';
    data.push({
      name: item.attributes.get('Name') ?? (isData ? undefined : tag),
      value: text(item),
      ...(isData ? {} : { tag }),
    });
  }
  const userElement = child(root, 'UserData');
  const inner = userElement && childElements(userElement)[0];
  return {
    eventId,
    provider: attribute('Provider', 'Name', 'EventSourceName'),
    version: integer(field('Version')),
    level: integer(field('Level')),
    task: integer(field('Task')),
    opcode: nonEmpty(field('Opcode')),
    keywords: nonEmpty(field('Keywords')),
    time: systemTime(attribute('TimeCreated', 'SystemTime')),
    recordId: nonEmpty(field('EventRecordID')),
    activityId: attribute('Correlation', 'ActivityID'),
    processId: integer(attribute('Execution', 'ProcessID')),
    threadId: integer(attribute('Execution', 'ThreadID')),
    channel: nonEmpty(field('Channel')),
    computer: nonEmpty(field('Computer')),
    userId: attribute('Security', 'UserID', 'UserId'),
    message: message && text(message),
    data,
    userData: inner && { element: inner, content: userDataContent(inner) },
  };
}
