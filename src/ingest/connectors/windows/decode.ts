import type { DecodeContext, FileFormat, Outcome, RawRecord, RejectOutcome } from '../../connector.js';
import { reject } from '../../connector.js';
import { eventOfAzureRow } from './azure-row.js';
import { isAuditing } from './data-order.js';
import type { XmlElement } from './element.js';
import { eventOfElement, type LogEvent } from './event.js';
import { EvtxReader, isEvtx } from './evtx/reader.js';
import { eventOfFlat } from './flat.js';
import { asObject, expandDots, first, isObject, type JsonObject, parseObject } from './json-values.js';
import { fieldsOfLines, timeLine } from './key-values.js';
import { dataOfMessage } from './message-fields.js';
import { eventOfEvtxECmd, eventOfWazuh, eventOfWinlogbeat, eventOfXmlJson, withoutGelf } from './shapes.js';
import { eventOfSnare, isSnare } from './snare.js';
import { parseXml, splitEvents } from './xml.js';

/** Puts an event into the table of a connector. */
export type ToOutcome = (event: LogEvent) => Outcome;

type Decoded = LogEvent | RejectOutcome;

/** Wrappers hold wrappers: HEC in a pipeline's envelope. More than this is no forwarder's doing. */
const maxWrappers = 4;

const hasEventXml = (text: string): boolean => /<Event[\s>]/.test(text);

function eventOfXml(source: string): Decoded {
  const root = parseXml(source);
  if ('code' in root) return reject(root.code, root.reason, source);
  const event = eventOfElement(root);
  return 'reason' in event ? reject('ING2004', event.reason, source) : event;
}

function eventsOfXml(source: string): Decoded[] {
  // What stands before the first tag is a syslog header or a tool's line, unless it is mark-up itself.
  const text = source.replace(/^(?:<\d{1,3}>)?[^<]*(?=<)/, '');
  return splitEvents(text).map((piece) =>
    'event' in piece ? eventOfXml(piece.event) : reject('ING2001', 'text between events', piece.rest),
  );
}

/** Lines of a file that only wrap its events. */
const isLayout = (text: string): boolean =>
  text.length < 1000 && /^(?:\s|\uFEFF|<\?xml[^<>]*\?>|<\/?Events(?:\s[^<>]*)?>)*$/.test(text);

function eventsOfText(text: string, context: DecodeContext, wrappers: number): Decoded[] {
  if (text.trim() === '' || isLayout(text)) return [];
  if (hasEventXml(text) || /^\s*<[?!A-Za-z]/.test(text)) return eventsOfXml(text);
  if (isSnare(text)) {
    const event = eventOfSnare(text, context);
    return ['reason' in event ? reject('ING2001', event.reason, text) : event];
  }
  const json = /^[^{["]{0,300}?(\{[\s\S]*\})\s*$/.exec(text)?.[1];
  if (json !== undefined && wrappers < maxWrappers) {
    const value = parseObject(json);
    if (value) return eventsOfJson(value, text, context, wrappers + 1);
  }
  const fields = fieldsOfLines(text);
  if (fields) return eventsOfJson(fields, text, context, wrappers + 1);
  return [reject('ING2001', 'not a Windows event in XML, JSON, Snare or key=value form', text)];
}

/** Names under which forwarders keep the XML of the event beside their own reading of it. */
const xmlKeys = [
  'RawXml',
  'rawXml',
  'raw_xml',
  'xml',
  'Xml',
  'EventXml',
  '_raw',
  'event',
  'message',
  'Message',
  'original',
];

function carriedXml(object: JsonObject): string | undefined {
  const found = xmlKeys.map((key) => object[key] ?? asObject(object.event)?.[key]);
  return found.find(
    (value): value is string => typeof value === 'string' && /<Event[\s>]\s*/.test(value) && value.includes('<System'),
  );
}

function eventsOfJson(value: unknown, raw: string, context: DecodeContext, wrappers: number): Decoded[] {
  if (typeof value === 'string') return eventsOfText(value, context, wrappers + 1);
  if (Array.isArray(value))
    return value.flatMap((item) => eventsOfJson(item, JSON.stringify(item), context, wrappers + 1));
  if (!isObject(value)) return [reject('ING2001', 'a JSON value that is no event', raw)];
  const object = expandDots(value);
  const xml = carriedXml(object);
  if (xml !== undefined) return eventsOfXml(xml);
  const event =
    eventOfXmlJson(object) ??
    eventOfWinlogbeat(object, context) ??
    eventOfWazuh(object, context) ??
    eventOfEvtxECmd(object, context) ??
    eventOfAzureRow(object, context) ??
    eventOfFlat(withoutGelf(object), context);
  if (event) return [withMessageData(event)];
  if (wrappers < maxWrappers)
    for (const key of [
      '_source',
      'records',
      'result',
      'properties',
      'event',
      'log',
      'data',
      'message',
      '_raw',
      'fields',
      'body',
    ]) {
      const inner = object[key];
      if (!isObject(inner) && !Array.isArray(inner) && !(typeof inner === 'string' && /^\s*[{<]/.test(inner))) continue;
      const found = eventsOfJson(inner, raw, context, wrappers + 1);
      if (found.some((item) => !('reject' in item))) return found.map((item) => withSender(item, object));
    }
  if ('registry_type' in object || 'key_path' in object)
    return [reject('ING2002', 'a record of a registry monitor, not of an event log', raw)];
  return [reject('ING2004', 'no event id in any form that is known', raw)];
}

/** The envelope's host stands in for a computer that the event itself does not name. */
function withSender(item: Decoded, envelope: JsonObject): Decoded {
  const host = first(envelope, 'host', 'hostname');
  if (!('reject' in item) && item.computer === undefined && typeof host === 'string') item.computer = host;
  return item;
}

function withMessageData(event: LogEvent): LogEvent {
  const isBare = event.data.length === 0 && !event.userData && !event.row;
  if (isBare && event.message && (isAuditing(event.provider) || event.eventId === 1102))
    event.data = dataOfMessage(event.eventId, event.message);
  return event;
}

/** All events of one raw record, as outcomes of the connector's tables. */
export function decodeEvents(record: RawRecord, context: DecodeContext, toOutcome: ToOutcome): readonly Outcome[] {
  const decoded =
    record.kind === 'text'
      ? eventsOfText(record.text, context, 0)
      : eventsOfJson(record.kind === 'json' ? record.value : record.fields, record.raw, context, 0);
  return decoded.map((item) => ('reject' in item ? item : toOutcome(item)));
}

const recordLine = /^Record \d+\s*$/;
const markupStart = /^\s*\uFEFF?(?:<\d{1,3}>[^<]*)?<[?!A-Za-z]/;
const eventLine = /^\s*(?:<\d{1,3}>[^<]*)?<Event[\s>]/;

/**
 * Whether a line goes on with the record: XML up to `</Event>`, also under the `Record 7` line of evtx_dump, and lines of
 * `key=value` up to the next time.
 */
export function continuesEvent(line: string, open: readonly string[]): boolean {
  const head = open[0]!;
  const last = open.at(-1)!;
  if (timeLine.test(head)) return !timeLine.test(line);
  const isRecord = recordLine.test(head);
  if (isRecord && open.length > 1 && /^\s*\{/.test(open[1]!)) return last !== '}' && !recordLine.test(line);
  if (!isRecord && !markupStart.test(head.slice(0, 2000))) return false;
  if (/<\/Events?>$/.test(last.trimEnd().slice(-10)) || recordLine.test(line)) return false;
  // An event that was cut off must not swallow the next one.
  return !eventLine.test(line) || !open.some((one) => hasEventXml(one));
}

/** EVTX files. Each record becomes an outcome; a damaged part becomes a reject with its bytes in base64. */
export function evtxFormat(toOutcome: ToOutcome): FileFormat {
  return {
    matches: (head) => isEvtx(Buffer.from(head.buffer, head.byteOffset, head.byteLength)),
    async *decode(bytes) {
      const reader = new EvtxReader();
      for await (const block of bytes) yield outcomesOf(reader.push(block), toOutcome);
      yield outcomesOf(reader.end(), toOutcome);
    },
  };
}

function outcomesOf(items: ReturnType<EvtxReader['push']>, toOutcome: ToOutcome): Outcome[] {
  const outcomes: Outcome[] = [];
  for (const item of items) {
    if ('damage' in item) {
      outcomes.push(reject('ING2001', `EVTX: ${item.damage}`, item.bytes.toString('base64')));
      continue;
    }
    const event = eventOfRecord(item.event, item.written);
    outcomes.push(
      'reason' in event ? reject('ING2004', `EVTX: ${event.reason}`, item.bytes.toString('base64')) : toOutcome(event),
    );
  }
  return outcomes;
}

function eventOfRecord(element: XmlElement, written: string | undefined): LogEvent | { readonly reason: string } {
  const event = eventOfElement(element);
  if (!('reason' in event)) event.time ??= written;
  return event;
}
