/** A half-open range `[start, end)` of UTF-16 offsets into a source text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** One-based line and column of an offset. Columns count UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Turns an offset into a one-based line and column; offsets past the end give the last position. */
export function positionAt(text: string, offset: number): Position {
  const at = Math.min(Math.max(0, offset), text.length);
  const before = text.slice(0, at);
  return { line: before.split('\n').length, column: at - before.lastIndexOf('\n') };
}
