import type { Diagnostic } from '../base/index.js';
import { catalogue } from '../tables/index.js';
import { wildcardsIn } from './wildcards.js';

/** The official code for a name in the place of a table; the binder goes on as if an open table of that name existed. */
export const unknownTable = 'KS204';
export const unknownName = 'KS142';

export const unknownFunction = 'KS211';

export const spelledAt = ({ span }: Diagnostic, text: string, shift: number): string =>
  span ? text.slice(span.start - shift, span.end - shift) : '';

const wordsOf = (text: string) => text.match(/\w+/g) ?? [];

/** Names that a check goes on without. What comes after a missing function may be its columns, so nothing is said of it. */
export function assumed(diagnostics: readonly Diagnostic[], text: string, shift: number): Diagnostic[] {
  const missing = diagnostics.filter((d) => d.code === unknownFunction && !d.hint);
  const first = Math.min(...missing.map((d) => d.span?.start ?? 0));
  const isOpen = wildcardsIn(text).length > 0 || diagnostics.some((d) => d.code === unknownTable);
  return diagnostics.flatMap((d): Diagnostic[] => {
    const name = spelledAt(d, text, shift);
    if (d.code === unknownTable)
      return [
        { ...d, code: 'RUL3004', severity: 'warning', message: `the table ${name} is not known here: it is assumed` },
      ];
    if (missing.includes(d))
      return [{ ...d, code: 'RUL3008', severity: 'warning', message: `the function ${name} is not known here` }];
    if (d.severity === 'error' && /^KS(107|142|145|232)$/.test(d.code) && d.span && d.span.start > first) return [];
    // A column of an assumed table may be called as a table is.
    const isTable = /^KS10[68]$/.test(d.code) && [name, ...wordsOf(d.message)].some((n) => catalogue.table(n));
    if ((isTable || d.code === 'KS232') && isOpen) return [];
    return [d];
  });
}

/** The aliases of the watchlists that a text reads. */
export const watchlistsIn = (text: string): readonly string[] =>
  [...text.matchAll(/_GetWatchlist\s*\(\s*@?["']([^"']*)["']/g)].map(([, alias]) => alias!);

/** The columns that errors say are not there. */
export const columnsMissed = (diagnostics: readonly Diagnostic[], text: string): readonly string[] => [
  ...new Set(
    diagnostics.flatMap((d) => {
      if (d.severity !== 'error') return [];
      if (d.code === unknownName || d.code === 'KS145') return /'([^'*]+)'/.exec(d.message)?.[1] ?? [];
      return d.code === 'KS109' ? (/^[A-Za-z_]\w*$/.exec(spelledAt(d, text, 0))?.[0] ?? []) : [];
    }),
  ),
];

export const diagnosticsTable = 'AzureDiagnostics';

/** The first column of a resource's own that a query over AzureDiagnostics names; which it has depends on who logs there. */
export function resourceColumn(text: string): RegExpExecArray | undefined {
  if (!/\bAzureDiagnostics\b/.test(text)) return undefined;
  const known = new Set(catalogue.table(diagnosticsTable)?.columns.map((c) => c.name));
  return [...text.matchAll(/\b[A-Za-z]\w*_[sdgbt]\b/g)].find(([name]) => !known.has(name));
}

export function ofResources(text: string, shift: number): Diagnostic[] {
  const column = resourceColumn(text);
  if (!column) return [];
  const start = Math.max(0, column.index + shift);
  const message = `${diagnosticsTable} has no column ${column[0]} here`;
  return [{ code: 'RUL3004', severity: 'warning', message, span: { start, end: start + column[0].length } }];
}
