import { once } from 'node:events';
import Table from 'cli-table3';
import pc from 'picocolors';
import { type Diagnostic, renderDiagnostic } from '../base/index.js';
import type { Column } from '../tables/index.js';

/** Writes to stdout and waits while its reader is behind. */
export async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

export const writeLine = (text = ''): Promise<void> => write(`${text}\n`);

export const writeJson = (value: unknown): Promise<void> => write(`${JSON.stringify(value)}\n`);

/** What a person reads in place of a value: text as it is, the rest as Kusto's JSON. Control characters are shown. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.replace(/\p{Cc}/gu, (c) => escapes[c] ?? `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

export const cut = (text: string, width: number): string => {
  const chars = [...text];
  return chars.length <= width ? text : `${chars.slice(0, width - 1).join('')}…`;
};

const noBorders = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' },
};

export interface TableColumn {
  readonly title: string;
  readonly right?: boolean | undefined;
}

/** An aligned table without lines. */
export function table(columns: readonly TableColumn[], rows: readonly (readonly string[])[]): string {
  const made = new Table({
    head: columns.map((column) => pc.bold(column.title)),
    colAligns: columns.map((column) => (column.right ? 'right' : 'left')),
    chars: noBorders,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  made.push(...rows.map((row) => [...row]));
  return made
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

const numeric = new Set<Column['type']>(['int', 'long', 'real', 'decimal']);
/** Widest cell of a result: the rest of a long text is in the JSON answer. */
const CELL_WIDTH = 60;

export const resultTable = (columns: readonly Column[], rows: readonly (readonly unknown[])[]): string =>
  table(
    columns.map(({ name, type }) => ({ title: cellText(name), right: numeric.has(type) })),
    rows.map((row) => row.map((value) => cut(cellText(value), CELL_WIDTH))),
  );

/** Every row as a list of names and values, empty ones left out: for results that are wider than any screen. */
export function records(columns: readonly Column[], rows: readonly (readonly unknown[])[], indent = ''): string {
  const width = Math.max(0, ...columns.map((column) => column.name.length));
  return rows
    .map((row) =>
      columns
        .map(({ name }, i) => [name, cellText(row[i])] as const)
        .filter(([, value]) => value !== '')
        .map(([name, value]) => `${indent}${pc.dim(name.padEnd(width))}  ${value}`)
        .join('\n'),
    )
    .join('\n\n');
}

export const count = (n: number, one: string, many = `${one}s`): string =>
  `${n.toLocaleString('en-US')} ${n === 1 ? one : many}`;

/** `2026-03-04 09:12:31` from ISO text; finer parts only matter to machines. */
export const shortTime = (iso: unknown): string => cellText(iso).slice(0, 19).replace('T', ' ');

const colours = { error: pc.red, warning: pc.yellow, info: pc.cyan } as const;

/** Writes findings to stderr, each as `file:line:col CODE message` with its source line. */
export function writeDiagnostics(diagnostics: readonly Diagnostic[]): void {
  for (const d of diagnostics) {
    const [first = '', ...rest] = renderDiagnostic(d).split('\n');
    process.stderr.write(`${[colours[d.severity](first), ...rest].join('\n')}\n`);
  }
}
