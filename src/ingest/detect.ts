import { type CsvHeader, csvHeader } from './formats/csv.js';
import { isOctetCounted } from './lines.js';

/** How the bytes of a file fall into records. */
export type FileShape =
  | { readonly kind: 'lines' }
  | { readonly kind: 'json' }
  | { readonly kind: 'counted' }
  | { readonly kind: 'csv'; readonly header: CsvHeader };

/** Bytes that detection looks at. */
export const HEAD_BYTES = 256 * 1024;

/** Tells the shape of a file by its first bytes; UTF-16 and gzip are already taken off. */
export function detectShape(head: Buffer): FileShape {
  if (isOctetCounted(head)) return { kind: 'counted' };
  const text = head
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart();
  if (/^\[\s*[[{"\]]/.test(text) && !/^\[\s*"?[^[{"\]]*\]\s*\S/.test(text.slice(0, 200))) return { kind: 'json' };
  const [first = '', second] = text.split(/\r?\n/, 2);
  if (text.startsWith('{')) return { kind: isOpenAtLineEnd(first, second !== undefined) ? 'json' : 'lines' };
  const header = csvHeader(first, second);
  return header ? { kind: 'csv', header } : { kind: 'lines' };
}

/**
 * Whether the JSON that a file begins with goes on after its first line. One value a line is read by lines instead, which
 * keeps a broken line from touching the next.
 */
function isOpenAtLineEnd(first: string, hasEnd: boolean): boolean {
  if (!hasEnd) return !isBalanced(first);
  return /[[{,:]\s*$/.test(first.slice(-80));
}

function isBalanced(text: string): boolean {
  let depth = 0;
  let isString = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 34) isString = !isString;
    else if (code === 92) at++;
    else if (!isString && (code === 123 || code === 91)) depth++;
    else if (!isString && (code === 125 || code === 93)) depth--;
  }
  return depth === 0;
}
