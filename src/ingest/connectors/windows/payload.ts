import { dataOrder } from './data-order.js';
import { localName, type XmlElement } from './element.js';
import { type DataItem, eventOfElement, type LogEvent, type UserData } from './event.js';
import { asObject, isObject, type JsonObject, textOf } from './json-values.js';
import { parseXml } from './xml.js';

/** Values without names get those of the manifest when the event is listed and the number fits. */
export function positional(provider: string | undefined, eventId: number, values: readonly unknown[]): DataItem[] {
  const names = dataOrder(provider, eventId);
  const fits = names !== undefined && values.length > 1 && values.length <= names.length;
  return values.map((value, index) => ({ name: fits ? names[index] : undefined, value: textOf(value) }));
}

/** Items of a flattened event in manifest order; names that the manifest lacks follow as delivered. */
export function inManifestOrder(provider: string | undefined, eventId: number, data: readonly DataItem[]): DataItem[] {
  const names = dataOrder(provider, eventId)?.map((name) => name.toLowerCase());
  if (!names) return [...data];
  const rank = (item: DataItem): number => {
    const at = names.indexOf(item.name?.toLowerCase() ?? '');
    return at < 0 ? names.length : at;
  };
  return [...data].sort((a, b) => rank(a) - rank(b));
}

const isAttributes = (key: string): boolean => /^(?:[#@_$]|xmlns)/.test(key) || key.endsWith('_attributes');

/** Items of an EventData object, in the shapes that XML-to-JSON converters give it. */
export function dataOfObject(object: JsonObject): DataItem[] {
  return Object.entries(object).flatMap(([name, value]): DataItem[] => {
    if (name === 'Data') return dataElements(value);
    if (isAttributes(name)) return [];
    return (Array.isArray(value) ? value : [value]).map((item) => ({ name, value: textOf(item) }));
  });
}

function dataElements(value: unknown): DataItem[] {
  if (Array.isArray(value)) return value.flatMap(dataElements);
  const object = asObject(value);
  if (!object) return [{ value: textOf(value) }];
  const attributes = asObject(object['#attributes']) ?? asObject(object.$) ?? object;
  const name = attributes.Name ?? attributes['@Name'] ?? attributes._Name ?? attributes['-Name'];
  const content = object['#text'] ?? object._ ?? object.__text ?? object.Value ?? object.value ?? object['@Value'];
  const texts = Array.isArray(content) ? content : [content];
  return texts.map((text) => ({ name: typeof name === 'string' ? name : undefined, value: textOf(text) }));
}

/** Items of `<EventData>` text, bare or inside a `DataItem`; undefined when it is no such XML. */
export function dataOfFragment(xml: string): Pick<LogEvent, 'data' | 'userData'> | undefined {
  const root = parseXml(xml);
  if (!('name' in root)) return undefined;
  const find = (element: XmlElement): XmlElement | undefined => {
    if (/^(?:EventData|UserData)$/.test(localName(element.name))) return element;
    for (const node of element.children) {
      const found = typeof node === 'string' ? undefined : find(node);
      if (found) return found;
    }
    return undefined;
  };
  const fragment = find(root);
  if (!fragment) return undefined;
  const eventId: XmlElement = { name: 'EventID', attributes: new Map(), children: ['0'] };
  const system: XmlElement = { name: 'System', attributes: new Map(), children: [eventId] };
  const event = eventOfElement({ name: 'Event', attributes: new Map(), children: [system, fragment] });
  return 'reason' in event ? undefined : { data: event.data, userData: event.userData };
}

/** UserData that came as JSON: `{LogFileCleared: {…}}`. */
export function userDataOfJson(value: JsonObject, wrapper?: string): LogEvent['userData'] {
  const clean = (node: unknown): UserData => {
    if (Array.isArray(node)) return node.map(clean);
    if (!isObject(node) || '#text' in node) return textOf(node);
    return Object.fromEntries(
      Object.entries(node)
        .filter(([key]) => !isAttributes(key))
        .map(([key, part]) => [key, clean(part)]),
    );
  };
  const whole = clean(value) as { [name: string]: UserData };
  const entries = Object.entries(whole);
  const [name, content] = wrapper || entries.length !== 1 ? [wrapper ?? 'EventXML', whole] : entries[0]!;
  return { element: elementOf(name, content), content };
}

function elementOf(name: string, content: UserData): XmlElement {
  const children = isObject(content)
    ? Object.entries(content).flatMap(([part, value]) =>
        (Array.isArray(value) ? value : [value]).map((item) => elementOf(part, item as UserData)),
      )
    : [textOf(content)];
  return { name, attributes: new Map(), children };
}
