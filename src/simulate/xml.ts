type Attributes = Readonly<Record<string, string | number>>;

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };
const escapeXml = (text: string | number) => String(text).replace(/[&<>"']/g, (mark) => entities[mark]!);

/** An element; its content is text, elements already written, or nothing. */
export function element(
  name: string,
  attributes: Attributes = {},
  content?: string | number | readonly string[],
  quote: "'" | '"' = "'",
): string {
  const list = Object.entries(attributes).map(([key, value]) => ` ${key}=${quote}${escapeXml(value)}${quote}`);
  const open = `<${name}${list.join('')}`;
  if (content === undefined || content === '') return `${open}/>`;
  return `${open}>${typeof content === 'object' ? content.join('') : escapeXml(content)}</${name}>`;
}

/** An event of the Windows event log, or of Sysmon for Linux, which prints the same shape. */
export interface LoggedEvent {
  readonly provider: string;
  readonly guid: string;
  readonly id: number;
  readonly version: number;
  readonly level: number;
  readonly task: number;
  readonly keywords: string;
  /** As printed in SystemTime. */
  readonly systemTime: string;
  readonly recordId: number;
  readonly process: number;
  readonly thread: number;
  readonly channel: string;
  readonly computer: string;
  readonly security: Attributes;
  readonly data: readonly (readonly [name: string, value: string | number])[];
}

export interface EventStyle {
  readonly quote: "'" | '"';
  readonly namespace?: string;
  /** Elements after EventData. */
  readonly tail?: readonly string[];
}

/** On one line and without white space between elements, as wevtutil, the forwarders and sysmon print it. */
export function eventXml(event: LoggedEvent, { quote, namespace, tail = [] }: EventStyle): string {
  const tag = (name: string, attributes?: Attributes, content?: string | number | readonly string[]) =>
    element(name, attributes, content, quote);
  const system = tag('System', {}, [
    tag('Provider', { Name: event.provider, Guid: event.guid }),
    tag('EventID', {}, event.id),
    tag('Version', {}, event.version),
    tag('Level', {}, event.level),
    tag('Task', {}, event.task),
    tag('Opcode', {}, 0),
    tag('Keywords', {}, event.keywords),
    tag('TimeCreated', { SystemTime: event.systemTime }),
    tag('EventRecordID', {}, event.recordId),
    tag('Correlation'),
    tag('Execution', { ProcessID: event.process, ThreadID: event.thread }),
    tag('Channel', {}, event.channel),
    tag('Computer', {}, event.computer),
    tag('Security', event.security),
  ]);
  const data = tag(
    'EventData',
    {},
    event.data.map(([Name, value]) => tag('Data', { Name }, value)),
  );
  return tag('Event', namespace ? { xmlns: namespace } : {}, [system, data, ...tail]);
}
