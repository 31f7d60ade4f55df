import { Scalar } from 'yaml';
import type { FunctionSource } from '../kql/index.js';

/** One character of a scalar's value, and where the author wrote it. */
interface Unit {
  readonly char: string;
  readonly offset: number;
}

/**
 * Where a scalar's value stands in its file, so that a place in a query leads to the author's line.
 *
 * Plain, quoted, literal and folded scalars differ in what they drop (indentation, line ends, quotes, escapes), but all
 * keep the rest of each source line in one piece and in order. So each line is reduced to the characters that it
 * contributes, and the value is matched line by line; what the value has in between (a folded blank, a line end) belongs to
 * the end of the line before.
 */
export function scalarSource(name: string, text: string, node: Scalar<string>): FunctionSource {
  const value = node.value;
  let offsets: number[] | undefined;
  return {
    name,
    text,
    map: (offset) => {
      offsets ??= locate(value, unitsOf(text, node), node.range?.[0] ?? 0);
      return offsets[Math.max(0, Math.min(offset, value.length))]!;
    },
  };
}

/** A text file that is all value. */
export const wholeFile = (name: string, text: string): FunctionSource => ({ name, text, map: (offset) => offset });

function locate(value: string, lines: readonly Unit[][], start: number): number[] {
  const offsets: number[] = [];
  let end = lines[0]?.[0]?.offset ?? start;
  let at = 0;
  for (const line of lines) {
    // A line of blanks may be kept or dropped, and looking for it could run ahead.
    if (line.every((unit) => unit.char.trim() === '')) continue;
    const content = line.map((unit) => unit.char).join('');
    const found = value.indexOf(content, at);
    if (found < 0) break;
    for (; at < found; at++) offsets.push(end);
    for (const unit of line) for (const _ of unit.char) offsets.push(unit.offset);
    at = found + content.length;
    end = line.at(-1)!.offset + 1;
  }
  while (offsets.length <= value.length) offsets.push(end);
  return offsets;
}

function unitsOf(text: string, node: Scalar<string>): Unit[][] {
  const [start, end] = node.range ?? [0, 0];
  switch (node.type) {
    case Scalar.BLOCK_LITERAL:
    case Scalar.BLOCK_FOLDED:
      return blockLines(text, start, end);
    case Scalar.QUOTE_DOUBLE:
      return flowLines(text, start + 1, end - 1, unescapeDouble);
    case Scalar.QUOTE_SINGLE:
      return flowLines(text, start + 1, end - 1, (raw, offset) =>
        raw[offset] === "'" && raw[offset + 1] === "'" ? { char: "'", length: 2 } : undefined,
      );
    default:
      return flowLines(text, start, end, () => undefined);
  }
}

function blockLines(text: string, start: number, end: number): Unit[][] {
  const header = text.indexOf('\n', start);
  if (header < 0 || header >= end) return [];
  const lines: { from: number; to: number }[] = [];
  for (let from = header + 1; from < end; ) {
    const newline = text.indexOf('\n', from);
    const to = newline < 0 || newline > end ? end : newline;
    lines.push({ from, to: text[to - 1] === '\r' && to > from ? to - 1 : to });
    from = to + 1;
  }
  const indentOf = (line: { from: number; to: number }) => /^ */.exec(text.slice(line.from, line.to))![0].length;
  const first = lines.find((line) => text.slice(line.from, line.to).trim() !== '');
  const said = /^[|>][-+]?([1-9])/.exec(text.slice(start, header));
  // An indentation indicator counts from the parent; the text shows it only through the least indented line.
  const indent = !first
    ? 0
    : said
      ? Math.min(...lines.filter((l) => text.slice(l.from, l.to).trim() !== '').map(indentOf))
      : indentOf(first);
  return lines.map(({ from, to }) => rawUnits(text, Math.min(from + indent, to), to));
}

type Escape = (text: string, offset: number) => { char: string; length: number } | undefined;

function flowLines(text: string, start: number, end: number, readEscape: Escape): Unit[][] {
  const lines: Unit[][] = [];
  let line: Unit[] = [];
  let solid = 0;
  const finish = () => {
    lines.push(line.slice(0, solid));
    line = [];
    solid = 0;
  };
  for (let i = start; i < end; ) {
    const c = text[i]!;
    if (c === '\n') {
      finish();
      i++;
      while (i < end && /[ \t]/.test(text[i]!)) i++;
      continue;
    }
    const escaped = readEscape(text, i);
    line.push({ char: escaped?.char ?? c, offset: i });
    // Blanks before a line end are dropped unless they were escaped.
    if (escaped || !/[ \t\r]/.test(c)) solid = line.length;
    i += escaped?.length ?? 1;
  }
  // The last line ends at the quote, not at a line end: its blanks stay.
  solid = line.length;
  finish();
  return lines;
}

const simpleEscapes: Record<string, string> = {
  0: '\0',
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  N: '\u0085',
  _: '\u00a0',
  L: '\u2028',
  P: '\u2029',
};

const unescapeDouble: Escape = (text, offset) => {
  if (text[offset] !== '\\') return undefined;
  const next = text[offset + 1] ?? '';
  const digits = { x: 2, u: 4, U: 8 }[next];
  if (digits) {
    const code = Number.parseInt(text.slice(offset + 2, offset + 2 + digits), 16);
    return { char: code <= 0x10ffff ? String.fromCodePoint(code) : '', length: 2 + digits };
  }
  // An escaped line end vanishes together with the indentation of the next line.
  const lineEnd = /^\r?\n[ \t]*/.exec(text.slice(offset + 1, offset + 200));
  if (lineEnd) return { char: '', length: 1 + lineEnd[0].length };
  return { char: simpleEscapes[next] ?? next, length: 2 };
};

function rawUnits(text: string, from: number, to: number): Unit[] {
  const units: Unit[] = [];
  for (let i = from; i < to; i++) units.push({ char: text[i]!, offset: i });
  return units;
}
