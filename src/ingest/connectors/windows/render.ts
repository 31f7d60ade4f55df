import { dataOrder } from './data-order.js';
import { escapeAttribute, escapeText, toXml } from './element.js';
import type { LogEvent } from './event.js';

const namespace = 'http://schemas.microsoft.com/win/2004/08/events/event';

/** Shippers change the case of names (`ProcessId` in 5156); parsers of the text want the manifest's. */
function manifestNames({ provider, eventId }: LogEvent): (name: string) => string {
  const names = new Map(dataOrder(provider, eventId)?.map((name) => [name.toLowerCase(), name]));
  return (name) => names.get(name.toLowerCase()) ?? name;
}

function dataElements(event: LogEvent): string[] {
  const spelling = manifestNames(event);
  return event.data.map(({ name, value, tag }) => {
    if (tag !== undefined) return `<${tag}>${escapeText(value)}</${tag}>`;
    const attribute = name === undefined ? '' : ` Name="${escapeAttribute(spelling(name))}"`;
    // The long form also for empty values: parsers look for the closing tag.
    return `<Data${attribute}>${escapeText(value)}</Data>`;
  });
}

/**
 * The payload as SecurityEvent.EventData holds it: CRLF and two blanks before each Data, names in double quotes. Parsers cut values
 * out by exactly this layout. UserData stands as one fragment. Empty when the event has no payload.
 */
export function eventDataLines(event: LogEvent): string {
  if (event.data.length === 0) return event.userData ? `<UserData>${toXml(event.userData.element)}</UserData>` : '';
  const lines = dataElements(event).map((element) => `\r\n  ${element}`);
  return `<EventData xmlns="${namespace}">${lines.join('')}\r\n</EventData>`;
}

/** The payload as Event.EventData holds it: a DataItem with the fragment in one line. */
export function dataItem(event: LogEvent): string {
  if (event.data.length === 0 && !event.userData) return '';
  const payload =
    event.data.length > 0
      ? `<EventData xmlns="${namespace}">${dataElements(event).join('')}</EventData>`
      : `<UserData>${toXml(event.userData!.element)}</UserData>`;
  const time = event.time === undefined ? '' : ` time="${event.time}"`;
  return `<DataItem type="System.XmlData"${time}>${payload}</DataItem>`;
}

/** The values alone, as Event.ParameterXml holds them. */
export const parameterXml = (event: LogEvent): string =>
  event.data
    .filter(({ tag }) => tag === undefined)
    .map(({ value }) => `<Param>${escapeText(value)}</Param>`)
    .join('');
