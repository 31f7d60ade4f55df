import { SaxesParser } from 'saxes';
import type { XmlElement } from './element.js';

/** Windows writes at most 64 KiB of binary event; four million characters of XML leave ample room for escapes. */
export const maxEventLength = 4_000_000;
const maxDepth = 64;

export type XmlFailure = { readonly code: 'ING2001' | 'ING2005'; readonly reason: string };

class Refused extends Error {
  constructor(readonly failure: XmlFailure) {
    super(failure.reason);
  }
}

/**
 * Parses one XML element. Document type declarations are refused, so no entity can be defined; size and depth are capped.
 *
 * Errors  ING2001 not well-formed or with a DTD, ING2005 too large or too deep
 */
export function parseXml(source: string): XmlElement | XmlFailure {
  if (source.length > maxEventLength)
    return { code: 'ING2005', reason: `XML longer than ${maxEventLength} characters` };
  const parser = new SaxesParser();
  const stack: { name: string; attributes: Map<string, string>; children: (XmlElement | string)[] }[] = [];
  let root: XmlElement | undefined;
  parser.on('doctype', () => {
    throw new Refused({ code: 'ING2001', reason: 'XML with a document type declaration (DTD) is refused' });
  });
  parser.on('error', (error) => {
    throw new Refused({ code: 'ING2001', reason: `XML is not well-formed: ${error.message}` });
  });
  parser.on('opentag', (tag) => {
    const element = { name: tag.name, attributes: new Map(Object.entries(tag.attributes)), children: [] };
    if (stack.length >= maxDepth)
      throw new Refused({ code: 'ING2005', reason: `XML nested deeper than ${maxDepth} elements` });
    stack.at(-1)?.children.push(element);
    root ??= element;
    stack.push(element);
  });
  parser.on('closetag', () => {
    const { children } = stack.pop()!;
    // White space between elements is layout, not content.
    if (children.some((node) => typeof node !== 'string') && children.some(isBlank)) {
      const kept = children.filter((node) => !isBlank(node));
      children.splice(0, children.length, ...kept);
    }
  });
  const characters = (text: string): void => {
    const siblings = stack.at(-1)?.children;
    if (!siblings) return;
    const last = siblings.length - 1;
    if (typeof siblings[last] === 'string') siblings[last] += text;
    else siblings.push(text);
  };
  parser.on('text', characters);
  parser.on('cdata', characters);
  try {
    parser.write(source).close();
  } catch (error) {
    if (error instanceof Refused) return error.failure;
    throw error;
  }
  return root ?? { code: 'ING2001', reason: 'XML without an element' };
}

const isBlank = (node: XmlElement | string): boolean => typeof node === 'string' && node.trim() === '';

/** A piece of XML text: an event, or what lies between events and belongs to none. */
export type XmlPiece = { readonly event: string } | { readonly rest: string };

/** Layout that may surround events, beside comments: declaration, the `Events` wrapper, white space. */
const layout = /<\?[^<>]*\?>|<\/?Events(?:\s[^<>]*)?>|\0|\uFEFF|\s+/g;
const eventStart = /<Event(?:\s[^<>]*)?>\s*<System[\s/>]/g;

/** Replaces every section between two marks. By hand: a pattern would search to the end again at each unclosed mark. */
function replaceSections(source: string, open: string, close: string, put: (length: number) => string): string {
  let out = '';
  let done = 0;
  for (let at = source.indexOf(open); at >= 0; at = source.indexOf(open, done)) {
    const end = source.indexOf(close, at + open.length);
    if (end < 0) break;
    const next = end + close.length;
    out += source.slice(done, at) + put(next - at);
    done = next;
  }
  return out + source.slice(done);
}

/**
 * Splits text into events. An event starts where an `Event` tag is followed by a `System` tag, so one that was cut off
 * does not swallow its neighbour. Text with a DTD stays in one piece, for the parser to refuse.
 */
export function splitEvents(source: string): XmlPiece[] {
  if (/<!DOCTYPE/i.test(source)) return [{ event: source }];
  // Tags inside CDATA are text; blanking them keeps the positions.
  const tags = replaceSections(source, '<![CDATA[', ']]>', (length) => ' '.repeat(length));
  const starts = [...tags.matchAll(eventStart)].map((match) => match.index);
  if (starts.length === 0) return [{ event: source.trim() }];
  const pieces: XmlPiece[] = [];
  const addRest = (rest: string): void => {
    const text = replaceSections(rest, '<!--', '-->', () => '').replace(layout, '');
    if (text !== '') pieces.push({ rest: rest.trim() });
  };
  addRest(source.slice(0, starts[0]));
  starts.forEach((start, index) => {
    const part = source.slice(start, starts[index + 1]);
    const close = tags.slice(start, starts[index + 1]).lastIndexOf('</Event>');
    const end = close < 0 ? part.length : close + '</Event>'.length;
    pieces.push({ event: part.slice(0, end).trim() });
    addRest(part.slice(end));
  });
  return pieces;
}
