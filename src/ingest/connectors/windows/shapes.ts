import type { DecodeContext } from '../../connector.js';
import { isAuditing } from './data-order.js';
import { type LogEvent, systemTime } from './event.js';
import {
  asObject,
  first,
  integerOf,
  isObject,
  type JsonObject,
  optionalText,
  parseObject,
  textOf,
} from './json-values.js';
import { dataOfObject, inManifestOrder, userDataOfJson } from './payload.js';
import { taskOf } from './tasks.js';
import { timeOf } from './time.js';
import { keywordsOf, levelOf, opcodeOf } from './words.js';

/** Attribute of an element that became JSON: under `#attributes`, `Name_attributes`, `@Name`, or plain. */
function attribute(parent: JsonObject, element: string, name: string): string | undefined {
  const value = parent[element];
  const places = [asObject(parent[`${element}_attributes`])];
  const object = asObject(value);
  if (object) places.push(asObject(object['#attributes']), asObject(object.$), asObject(object._attributes), object);
  for (const place of places) {
    const found = place && first(place, name, `@${name}`, `_${name}`, `-${name}`);
    if (found !== undefined) return optionalText(found);
  }
  return undefined;
}

/** `{"Event": {"System": {…}, "EventData": {…}}}`: the XML as JSON, in the dialects of evtx_dump and of XML converters. */
export function eventOfXmlJson(object: JsonObject): LogEvent | undefined {
  const event = asObject(object.Event) ?? object;
  const system = asObject(event.System);
  const eventId = system && integerOf(system.EventID);
  if (!system || eventId === undefined) return undefined;
  const plainProvider = typeof system.Provider === 'string' ? system.Provider : undefined;
  const plainTime = isObject(system.TimeCreated) ? undefined : optionalText(system.TimeCreated);
  const rendering = asObject(event.RenderingInfo);
  const user = asObject(event.UserData);
  const provider = attribute(system, 'Provider', 'Name') ?? plainProvider;
  return {
    eventId,
    provider,
    version: integerOf(system.Version),
    level: levelOf(system.Level),
    task: integerOf(system.Task),
    opcode: optionalText(system.Opcode),
    keywords: keywordsOf(system.Keywords),
    time: systemTime(attribute(system, 'TimeCreated', 'SystemTime') ?? plainTime),
    recordId: optionalText(system.EventRecordID),
    activityId: attribute(system, 'Correlation', 'ActivityID'),
    processId: integerOf(attribute(system, 'Execution', 'ProcessID')),
    threadId: integerOf(attribute(system, 'Execution', 'ThreadID')),
    channel: optionalText(system.Channel),
    computer: optionalText(system.Computer),
    userId: attribute(system, 'Security', 'UserID') ?? attribute(system, 'Security', 'UserId'),
    message: rendering && optionalText(rendering.Message),
    // JSON writers of some languages sort keys: the manifest knows the order.
    data: isObject(event.EventData) ? inManifestOrder(provider, eventId, dataOfObject(event.EventData)) : [],
    userData: user && userDataOfJson(user),
  };
}

/** Winlogbeat and Elastic Agent (`winlog.*`), and Winlogbeat before 7, which had the same fields at the top. */
export function eventOfWinlogbeat(document: JsonObject, context: DecodeContext): LogEvent | undefined {
  const isOld = 'log_name' in document || 'source_name' in document;
  const winlog = asObject(document.winlog) ?? (isOld ? document : undefined);
  if (!winlog) return undefined;
  const ecs = asObject(document.event);
  const eventId = integerOf(winlog.event_id ?? ecs?.code);
  if (eventId === undefined) return undefined;
  const provider = optionalText(first(winlog, 'provider_name', 'source_name') ?? ecs?.provider);
  const process = asObject(winlog.process);
  const user = asObject(winlog.user);
  const name = optionalText(user?.name);
  const domain = optionalText(user?.domain);
  const userData = asObject(winlog.user_data);
  const data = asObject(winlog.event_data);
  const level = asObject(document.log)?.level ?? winlog.level;
  return {
    eventId,
    provider,
    version: integerOf(winlog.version),
    level: isAuditing(provider) ? 0 : levelOf(level),
    task: integerOf(winlog.task) ?? taskOf(textOf(winlog.task)),
    opcode: opcodeOf(winlog.opcode),
    keywords: keywordsOf(winlog.keywords),
    time: timeOf(winlog.time_created ?? document['@timestamp'] ?? ecs?.created, context),
    recordId: optionalText(first(winlog, 'record_id', 'record_number')),
    activityId: optionalText(winlog.activity_id),
    processId: integerOf(process?.pid ?? winlog.process_id),
    threadId: integerOf(asObject(process?.thread)?.id ?? winlog.thread_id),
    channel: optionalText(first(winlog, 'channel', 'log_name')),
    computer: optionalText(winlog.computer_name ?? asObject(document.host)?.name ?? asObject(document.host)?.hostname),
    userId: optionalText(user?.identifier),
    userName: name && (domain ? `${domain}\\${name}` : name),
    message: optionalText(document.message),
    data: data ? inManifestOrder(provider, eventId, dataOfObject(data)) : [],
    userData: userData && userDataOfJson(withoutName(userData), optionalText(userData.xml_name)),
  };
}

const withoutName = ({ xml_name: _, ...rest }: JsonObject): JsonObject => rest;

const capital = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

/** Wazuh agents: `win.system` and `win.eventdata`, each name with a small first letter. */
export function eventOfWazuh(object: JsonObject, context: DecodeContext): LogEvent | undefined {
  const win = asObject(asObject(object.data)?.win) ?? asObject(object.win);
  const system = asObject(win?.system);
  const eventId = system && integerOf(system.eventID);
  if (!system || eventId === undefined) return undefined;
  const provider = optionalText(system.providerName);
  const data = asObject(win?.eventdata);
  const items = data ? dataOfObject(Object.fromEntries(Object.entries(data).map(([k, v]) => [capital(k), v]))) : [];
  return {
    eventId,
    provider,
    version: integerOf(system.version),
    level: levelOf(system.level),
    task: integerOf(system.task),
    opcode: optionalText(system.opcode),
    keywords: keywordsOf(system.keywords),
    time: timeOf(system.systemTime ?? object.timestamp, context),
    recordId: optionalText(system.eventRecordID),
    processId: integerOf(system.processID),
    threadId: integerOf(system.threadID),
    channel: optionalText(system.channel),
    computer: optionalText(system.computer),
    message: optionalText(system.message)?.replace(/^"|"$/g, ''),
    data: inManifestOrder(provider, eventId, items),
  };
}

/** EvtxECmd, as JSON or CSV: fields of the record, and the payload as JSON text in one of them. */
export function eventOfEvtxECmd(object: JsonObject, context: DecodeContext): LogEvent | undefined {
  const eventId = integerOf(object.EventId);
  if (eventId === undefined || typeof object.Payload !== 'string' || !('ChunkNumber' in object)) return undefined;
  const provider = optionalText(object.Provider);
  const payload = parseObject(object.Payload) ?? {};
  const data = asObject(payload.EventData);
  const user = asObject(payload.UserData);
  return {
    eventId,
    provider,
    level: isAuditing(provider) ? 0 : levelOf(object.Level),
    keywords: keywordsOf(object.Keywords),
    // The tool writes UTC without a zone.
    time: timeOf(object.TimeCreated, { ...context, zoneOffsetMinutes: 0 }),
    recordId: optionalText(object.EventRecordId),
    processId: integerOf(object.ProcessId),
    threadId: integerOf(object.ThreadId),
    channel: optionalText(object.Channel),
    computer: optionalText(object.Computer),
    userId: optionalText(object.UserId),
    data: data ? dataOfObject(data) : [],
    userData: user && userDataOfJson(user),
  };
}

/** GELF puts an underscore before every field of the sender's own. */
export function withoutGelf(object: JsonObject): JsonObject {
  if (!('short_message' in object)) return object;
  const { short_message: message, full_message: full, version: _, timestamp, ...fields } = object;
  const plain = Object.entries(fields).map(([name, value]) => [name.replace(/^_/, ''), value]);
  return { Message: full ?? message, timestamp, ...Object.fromEntries(plain) };
}
