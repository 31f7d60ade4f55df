import type { XmlElement } from '../element.js';
import { binXmlType, nullType, utf16, valueTexts } from './values.js';

const maxDepth = 32;
/** Templates may repeat a value that holds templates itself: without a budget a small record could grow without end. */
const maxNodes = 100_000;

class Substitution {
  constructor(
    readonly index: number,
    readonly optional: boolean,
  ) {}
}

/** An element of a template: literal parts, and places that an instance fills in. */
class Template {
  readonly attributes: [name: string, parts: Part[]][] = [];
  readonly children: Part[] = [];
  constructor(readonly name: string) {}
}

/** XmlElement: a finished instance that was nested in the source. */
type Part = string | Substitution | Template | XmlElement;

interface Value {
  readonly type: number;
  readonly start: number;
  readonly end: number;
}

const noValues: readonly Value[] = [];

function isAbsent(parts: readonly Part[], values: readonly Value[]): boolean {
  const [only] = parts;
  if (parts.length !== 1 || !(only instanceof Substitution) || !only.optional) return false;
  return (values[only.index]?.type ?? nullType) === nullType;
}

const isText = (token: number): boolean =>
  token === 0x05 || token === 0x08 || token === 0x09 || token === 0x0d || token === 0x0e;

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/**
 * Binary XML of one chunk. Offsets in it count from the start of the chunk, and templates are shared by its records.
 * Methods throw RangeError for bytes that are not binary XML.
 *
 * Source  [MS-EVEN6] 2.2.12 BinXml; https://github.com/libyal/libevtx (format documentation)
 */
export class BinXml {
  private at = 0;
  private end = 0;
  private depth = 0;
  private nodes = 0;
  private readonly templates = new Map<number, readonly Part[]>();
  private readonly names = new Map<number, string>();

  constructor(private readonly bytes: Buffer) {}

  /** The root element of the record whose binary XML lies in [start, end). */
  record(start: number, end: number): XmlElement {
    this.depth = 0;
    this.nodes = 0;
    const [root, ...others] = this.fragment(start, end);
    if (!root || typeof root === 'string' || others.length > 0) throw new RangeError('record is not one element');
    return root;
  }

  /** Reads a fragment elsewhere in the chunk and comes back. */
  private fragment(start: number, end: number): (XmlElement | string)[] {
    return this.fill(this.parts(start, end), noValues);
  }

  private parts(start: number, end: number): Part[] {
    const { at, end: outerEnd } = this;
    if (end > this.bytes.length) throw new RangeError('binary XML reaches past its chunk');
    if (++this.depth > maxDepth) throw new RangeError(`binary XML nested deeper than ${maxDepth}`);
    this.at = start;
    this.end = end;
    const parts = this.content();
    this.depth--;
    this.at = at;
    this.end = outerEnd;
    return parts;
  }

  private need(count: number): number {
    const at = this.at;
    if (at + count > this.end) throw new RangeError('binary XML ends too early');
    this.at += count;
    return at;
  }

  private u8(): number {
    return this.bytes[this.need(1)]!;
  }

  private u16(): number {
    return this.bytes.readUInt16LE(this.need(2));
  }

  private u32(): number {
    return this.bytes.readUInt32LE(this.need(4));
  }

  private string(): string {
    const length = this.u16() * 2;
    const start = this.need(length);
    return this.bytes.toString('utf16le', start, start + length);
  }

  private name(): string {
    const offset = this.u32();
    // A name stands where it is used first; later uses point back to it.
    if (offset === this.at) this.need(10 + this.bytes.readUInt16LE(this.at + 6) * 2);
    const known = this.names.get(offset);
    if (known !== undefined) return known;
    if (offset + 8 > this.bytes.length) throw new RangeError('name lies outside the chunk');
    const end = offset + 8 + this.bytes.readUInt16LE(offset + 6) * 2;
    if (end > this.bytes.length) throw new RangeError('name lies outside the chunk');
    const name = utf16(this.bytes, offset + 8, end);
    if (!/^[\p{L}_][\p{L}\p{N}_.:-]*$/u.test(name)) throw new RangeError('name is not an XML name');
    this.names.set(offset, name);
    return name;
  }

  /** Parts until the end of the element or of the fragment. */
  private content(): Part[] {
    const parts: Part[] = [];
    while (this.at < this.end) {
      const token = this.bytes[this.at]!;
      switch (token & 0xbf) {
        case 0x00:
        case 0x04:
          this.at++;
          return parts;
        case 0x01:
          parts.push(this.element());
          break;
        case 0x07:
          this.at++;
          parts.push(this.string());
          break;
        case 0x0a:
          this.at++;
          this.name();
          break;
        case 0x0b:
          this.at++;
          this.string();
          break;
        case 0x0c:
          this.at++;
          parts.push(...this.instance());
          break;
        case 0x0f:
          this.need(4);
          break;
        default:
          parts.push(this.textPart());
      }
    }
    return parts;
  }

  private textPart(): string | Substitution {
    const token = this.u8();
    switch (token & 0xbf) {
      case 0x05:
        if (this.u8() !== 0x01) throw new RangeError('literal value is not a string');
        return this.string();
      case 0x08:
        return String.fromCharCode(this.u16());
      case 0x09: {
        const name = this.name();
        if (entities[name] === undefined) throw new RangeError('entity is unknown');
        return entities[name];
      }
      case 0x0d:
      case 0x0e: {
        const index = this.u16();
        this.u8(); // the type again; the instance's own list decides
        return new Substitution(index, (token & 0xbf) === 0x0e);
      }
      default:
        throw new RangeError(`token 0x${token.toString(16)} is unknown`);
    }
  }

  private element(): Template {
    if (++this.depth > maxDepth) throw new RangeError(`binary XML nested deeper than ${maxDepth}`);
    const hasAttributes = (this.u8() & 0x40) !== 0;
    const start = this.at;
    this.u16(); // dependency identifier
    // Elements that are values of a substitution lack the identifier: then this reads as a size beyond any chunk.
    if (this.u32() >= this.bytes.length) {
      this.at = start;
      this.u32();
    }
    const element = new Template(this.name());
    if (hasAttributes) {
      this.u32(); // size of the list
      while (this.at < this.end && (this.bytes[this.at]! & 0xbf) === 0x06) {
        this.at++;
        const name = this.name();
        const parts: Part[] = [];
        while (this.at < this.end && isText(this.bytes[this.at]! & 0xbf)) parts.push(this.textPart());
        element.attributes.push([name, parts]);
      }
    }
    const close = this.u8();
    if (close === 0x02) element.children.push(...this.content());
    else if (close !== 0x03) throw new RangeError('start tag does not end');
    this.depth--;
    return element;
  }

  private instance(): (XmlElement | string)[] {
    this.u8();
    this.u32(); // template identifier
    const offset = this.u32();
    if (offset + 24 > this.bytes.length) throw new RangeError('template lies outside the chunk');
    const size = this.bytes.readUInt32LE(offset + 20);
    // Like names, a template stands where it is used first.
    if (offset === this.at) this.need(24 + size);
    let template = this.templates.get(offset);
    if (!template) {
      template = this.parts(offset + 24, offset + 24 + size);
      this.templates.set(offset, template);
    }
    const count = this.u32();
    const list = this.need(count * 4);
    const values: Value[] = [];
    for (let index = 0; index < count; index++) {
      const start = this.need(this.bytes.readUInt16LE(list + index * 4));
      values.push({ type: this.bytes[list + index * 4 + 2]!, start, end: this.at });
    }
    return this.fill(template, values);
  }

  private fill(parts: readonly Part[], values: readonly Value[]): (XmlElement | string)[] {
    const nodes: (XmlElement | string)[] = [];
    for (const part of parts) {
      if (++this.nodes > maxNodes) throw new RangeError(`record has more than ${maxNodes} nodes`);
      if (typeof part === 'string') nodes.push(part);
      else if (part instanceof Template) nodes.push(...this.instantiate(part, values));
      else if (part instanceof Substitution) nodes.push(...this.substitute(part, values));
      else nodes.push(part);
    }
    return nodes;
  }

  private substitute(place: Substitution, values: readonly Value[]): (XmlElement | string)[] {
    const value = values[place.index];
    if (!value) throw new RangeError('substitution without a value');
    if (value.type === nullType || value.start === value.end) return [];
    if (value.type === binXmlType) return this.fragment(value.start, value.end);
    return [valueTexts(value.type, this.bytes, value.start, value.end).join(',')];
  }

  private instantiate(template: Template, values: readonly Value[]): XmlElement[] {
    // What is optional and null is not there at all, be it an attribute or an element.
    if (isAbsent(template.children, values)) return [];
    const attributes = new Map<string, string>();
    for (const [name, parts] of template.attributes)
      if (!isAbsent(parts, values)) attributes.set(name, this.fill(parts, values).join(''));
    const { name } = template;
    const [only] = template.children;
    if (template.children.length === 1 && only instanceof Substitution) {
      const value = values[only.index];
      // An array repeats the element around it: unnamed Data of classic providers.
      if (value && (value.type & 0x80) !== 0 && value.start < value.end)
        return valueTexts(value.type, this.bytes, value.start, value.end).map((text) => ({
          name,
          attributes,
          children: text === '' ? [] : [text],
        }));
    }
    return [{ name, attributes, children: this.fill(template.children, values) }];
  }
}
