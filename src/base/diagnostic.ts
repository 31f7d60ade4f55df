import type { Code } from './codes.js';
import { positionAt, type Span } from './span.js';

export type Severity = 'error' | 'warning' | 'info';

/** An expected finding, meant for the author of a query, rule or record. */
export interface Diagnostic {
  readonly code: Code;
  readonly severity: Severity;
  readonly message: string;
  /** The text that `span` points into; left out when the reader already knows it. */
  readonly source?: { readonly name: string; readonly text: string } | undefined;
  readonly span?: Span | undefined;
  /** What to do instead. */
  readonly hint?: string | undefined;
}

/**
 * Carries diagnostics out of deep recursion. It is caught at the border of a room and handed on as a `Result`; a plain
 * `Error` means a bug of ours.
 */
export class DiagnosticError extends Error {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: Diagnostic | readonly Diagnostic[]) {
    const all = Array.isArray(diagnostics) ? (diagnostics as readonly Diagnostic[]) : [diagnostics as Diagnostic];
    super(all.map((d) => `${d.code} ${d.message}`).join('\n'));
    this.name = 'DiagnosticError';
    this.diagnostics = all;
  }
}

/** Fails with one error diagnostic. */
export function fail(
  code: Code,
  message: string,
  more: Partial<Pick<Diagnostic, 'span' | 'hint' | 'source'>> = {},
): never {
  throw new DiagnosticError({ code, severity: 'error', message, ...more });
}

/** Renders `file:line:col CODE message`, the source line with the span underlined, and the hint. */
export function renderDiagnostic(d: Diagnostic): string {
  const place = d.source && d.span ? positionAt(d.source.text, d.span.start) : undefined;
  const where = d.source ? `${d.source.name}:${place ? `${place.line}:${place.column}` : ''}`.replace(/:$/, '') : '';
  const lines = [`${where}${where ? ' ' : ''}${d.code} ${d.message}`];
  if (d.source && d.span && place) {
    const line = d.source.text.split('\n')[place.line - 1] ?? '';
    const gutter = `${place.line}`.padStart(5);
    const width = Math.max(1, Math.min(d.span.end - d.span.start, line.length - place.column + 1));
    lines.push(`${gutter} | ${line}`, `${' '.repeat(5)} | ${' '.repeat(place.column - 1)}${'^'.repeat(width)}`);
  }
  if (d.hint) lines.push(` hint: ${d.hint}`);
  return lines.join('\n');
}
