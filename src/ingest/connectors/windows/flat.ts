import type { DecodeContext } from '../../connector.js';
import { isAuditing, providerName } from './data-order.js';
import type { DataItem, LogEvent } from './event.js';
import { asObject, integerOf, isObject, type JsonObject, optionalText, parseObject, textOf } from './json-values.js';
import { dataOfFragment, dataOfObject, inManifestOrder, positional, userDataOfJson } from './payload.js';
import { taskOf } from './tasks.js';
import { timeOf, zoneFromPair } from './time.js';
import { keywordsOf, levelOf, opcodeOf } from './words.js';

/** Spelling of a key without case, blanks and separators; `@` stays, it tells `@version` from Version. */
const plain = (key: string): string => key.replace(/[\s_.-]|\[UTC\]$/gi, '').toLowerCase();

/** What forwarders add of their own, beside the fields that are read below. */
const added = new Set(
  `@timestamp @version @metadata host port tags tag type agent ecs input log beat fields offset providerguid qualifiers
  relatedactivityid sourcemodulename sourcemoduletype eventreceivedtime severity severityvalue opcodevalue eventtypeorignal
  keywordsvalue levelvalue timewritten sourcetype index splunkserver linecount punct cribblebreaker criblpipe cribl eventindex
  messagesourceaddress recordtype containerlog system providerid bookmark matchedqueryids keywordsdisplaynames
  leveldisplayname opcodedisplayname`
    .split(/\s+/)
    .map(plain),
);

class Keys {
  private readonly byPlain = new Map<string, [key: string, value: unknown]>();
  private readonly read = new Set<string>();

  constructor(object: JsonObject) {
    for (const [key, value] of Object.entries(object)) {
      const name = plain(key);
      if (!this.byPlain.has(name)) this.byPlain.set(name, [key, value]);
    }
  }

  /** First of the keys that has a value; all of them count as read. */
  take(...names: readonly string[]): unknown {
    let found: unknown;
    for (const name of names) {
      const value = this.byPlain.get(name)?.[1];
      if (this.byPlain.has(name)) this.read.add(name);
      if (found === undefined && value !== null && value !== '') found = value;
    }
    return found;
  }

  has(name: string): boolean {
    return this.byPlain.has(name);
  }

  /** Entries that nobody has read and no forwarder adds. */
  rest(): [string, unknown][] {
    return [...this.byPlain].filter(([name]) => !this.read.has(name) && !added.has(name)).map(([, entry]) => entry);
  }
}

const isAuditType = (value: unknown): boolean =>
  /^(?:AUDIT_\w+|INFO|WARNING|ERROR|CRITICAL|VERBOSE|Information|\d+)$/.test(textOf(value));

/**
 * Reads an event that a forwarder flattened into one object: System fields and Data side by side, as NXLog, Fluent Bit,
 * Logstash pipelines, Get-WinEvent and Splunk searches do. Field names are told apart by what forwarders call them.
 *
 * Errors  undefined when there is no event id under any of its names
 */
export function eventOfFlat(object: JsonObject, context: DecodeContext): LogEvent | undefined {
  const keys = new Keys(object);
  const isPowerShell = keys.has('id') && keys.has('providername') && keys.has('logname');
  const idValue = keys.take('eventid', 'eventcode', 'eventidentifier', ...(isPowerShell ? ['id'] : []));
  // WMI counts the qualifiers in: the event id is the low word.
  const wide = integerOf(idValue) ?? Number(/^\d{10}$/.exec(textOf(idValue))?.[0]);
  if (!Number.isInteger(wide) || wide < 0) return undefined;
  const eventId = wide > 0xffff ? wide % 0x10000 : wide;

  const splunkSource = /^(?:Xml)?WinEventLog:(.+)$/.exec(textOf(keys.take('source')))?.[1];
  const source = splunkSource ? undefined : object.source;
  const given = optionalText(keys.take('providername', 'provider', 'eventsourcename', 'sourcename') ?? source);
  const provider = providerName(given);
  const channel = optionalText(keys.take('channel', 'logname', 'eventlog', 'logfile')) ?? splunkSource;
  const computer = keys.take('computer', 'computername', 'hostname', 'machinename') ?? object.host;
  const system = asObject(computer) ? asObject(computer)!.name : computer;
  // Fluent Bit and PowerShell say ProcessID for the writer of the record; in 5156 the same name is Data.
  const isBare = isPowerShell || keys.has('stringinserts') || keys.has('providerid');
  const processId = keys.take('executionprocessid', 'systemprocessid', ...(isBare ? ['processid'] : []));
  const threadId = keys.take('executionthreadid', 'systemthreadid', 'threadid');
  const task = keys.take('task', 'taskvalue', 'eventcategory', 'taskcategory');
  const category = keys.take('category', 'taskdisplayname');
  const isNxlog = keys.has('sourcemoduletype') || keys.has('eventreceivedtime');
  const type = keys.has('eventtypeorignal') ? undefined : object.EventType;
  if (isNxlog || isAuditType(type)) keys.take(keys.has('eventtypeorignal') ? 'eventtypeorignal' : 'eventtype');
  const level = keys.take('level', 'levelvalue', 'eventlevel', 'leveldisplayname', 'eventlevelname', 'loglevel');
  const audit = isAuditing(provider);
  const message = keys.take('message', 'rendereddescription', 'eventmessage');
  const event: LogEvent = {
    eventId,
    provider,
    version: integerOf(keys.take('version')),
    // Audit records are LogAlways; shippers render that as information.
    level: audit ? 0 : (levelOf(level) ?? levelOf(keys.take('severity')) ?? undefined),
    task: integerOf(task) ?? taskOf(textOf(task ?? category)),
    opcode: opcodeOf(keys.take('opcodevalue', 'opcode')),
    keywords: keywordsOf(keys.take('keywords', 'keywordsdisplaynames')) ?? keywordsOf(isNxlog ? type : undefined),
    time: flatTime(keys, context),
    recordId: optionalText(keys.take('eventrecordid', 'recordnumber', 'recordid')),
    activityId: optionalText(keys.take('activityid', 'correlationactivityid', 'correlation')),
    processId: integerOf(processId),
    threadId: integerOf(threadId),
    channel,
    computer: optionalText(system),
    message: optionalText(message),
    data: [],
  };
  Object.assign(event, writer(keys, isNxlog));
  return { ...event, ...payload(keys, event) };
}

function flatTime(keys: Keys, context: DecodeContext): string | undefined {
  const moment = keys.take('timecreated', 'systemtime', 'eventtime', 'timegenerated', 'eventcreated', 'dateandtime');
  const shipped = keys.take('@timestamp');
  // NXLog writes local time without a zone; its time of reception next to that of the pipeline gives the zone away.
  const zone = zoneFromPair(keys.take('eventreceivedtime'), shipped, context);
  const own = timeOf(
    asObject(moment)?.value ?? moment,
    zone === undefined ? context : { ...context, zoneOffsetMinutes: zone },
  );
  return own ?? timeOf(shipped ?? keys.take('timestamp', 'time', 'date', 'datetime'), context);
}

function writer(keys: Keys, isNxlog: boolean): Pick<LogEvent, 'userId' | 'userName'> {
  const id = keys.take('userid', 'systemuserid', 'securityuserid', 'sid');
  const sid = optionalText(asObject(id)?.Value ?? id);
  if (!isNxlog || !keys.has('accounttype')) return { userId: sid };
  keys.take('accounttype');
  const name = optionalText(keys.take('accountname'));
  const domain = optionalText(keys.take('domain'));
  return { userId: sid, userName: name && (domain ? `${domain}\\${name}` : name) };
}

function payload(keys: Keys, { provider, eventId }: LogEvent): Pick<LogEvent, 'data' | 'userData'> {
  const given = keys.take('eventdata');
  const fragment = typeof given === 'string' && given.includes('<') ? dataOfFragment(given) : undefined;
  if (fragment) return fragment;
  const parsed = typeof given === 'string' ? parseObject(given) : given;
  const user = asObject(keys.take('userdata'));
  const userData = user && userDataOfJson(user);
  if (isObject(parsed)) return { data: inManifestOrder(provider, eventId, dataOfObject(parsed)), userData };
  const values = keys.take('stringinserts', 'properties', 'data');
  if (Array.isArray(values))
    return {
      data: positional(
        provider,
        eventId,
        values.map((item) => (isObject(item) ? item.Value : item)),
      ),
      userData,
    };
  const rest: DataItem[] = keys.rest().map(([name, value]) => ({ name, value: textOf(value) }));
  if (values !== undefined) rest.push({ name: 'Data', value: textOf(values) });
  if (typeof given === 'string') rest.push({ name: 'EventData', value: given });
  return { data: inManifestOrder(provider, eventId, rest), userData };
}
