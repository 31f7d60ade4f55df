/** An XML element, read from text or from binary XML. Names are as written, prefix included. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly (XmlElement | string)[];
}

/** A name without its namespace prefix. */
export const localName = (name: string): string => name.slice(name.indexOf(':') + 1);

export const childElements = (element: XmlElement): XmlElement[] =>
  element.children.filter((child): child is XmlElement => typeof child !== 'string');

export function child(element: XmlElement | undefined, name: string): XmlElement | undefined {
  if (!element) return undefined;
  for (const node of element.children)
    if (typeof node !== 'string' && (node.name === name || localName(node.name) === name)) return node;
  return undefined;
}

/** All character data below an element. */
export function text(element: XmlElement | undefined): string {
  if (!element) return '';
  const { children } = element;
  if (children.length === 1 && typeof children[0] === 'string') return children[0];
  let out = '';
  for (const node of children) out += typeof node === 'string' ? node : text(node);
  return out;
}

const textEscapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export const escapeText = (value: string): string => value.replace(/[&<>]/g, (character) => textEscapes[character]!);
export const escapeAttribute = (value: string): string => value.replace(/[&<>"]/g, (found) => textEscapes[found]!);

/** An element as XML text: double quotes, no white space of our own. */
export function toXml(element: XmlElement): string {
  let out = `<${element.name}`;
  for (const [name, value] of element.attributes) out += ` ${name}="${escapeAttribute(value)}"`;
  if (element.children.length === 0) return `${out}/>`;
  out += '>';
  for (const node of element.children) out += typeof node === 'string' ? escapeText(node) : toXml(node);
  return `${out}</${element.name}>`;
}
