import { contentHash } from './hash.js';
import type { LooseQuery } from './model.js';
import { wholeFile } from './scalar-source.js';

/** A stretch of a text: offsets [from, to). */
interface Stretch {
  readonly from: number;
  readonly to: number;
}

const kqlTags = new Set(['kql', 'kusto', 'kusto-query', 'kustoql', 'csl']);
/** Tags that authors give KQL because their site has no colours for it. */
const borrowedTags = new Set(['', 'c', 'c#', 'csharp', 'sql', 'text', 'txt', 'sh', 'javascript', 'powershell', 'ps']);

/** The fenced blocks of a Markdown page that are KQL: by their tag, or by a line that starts with a pipe. */
export function markdownQueries(name: string, text: string): LooseQuery[] {
  const found: LooseQuery[] = [];
  let fence: { mark: string; tag: string; from: number } | undefined;
  for (let at = 0; at < text.length; ) {
    const newline = text.indexOf('\n', at);
    const next = newline < 0 ? text.length : newline + 1;
    const line = text.slice(at, next).trim();
    if (!fence) {
      const opened = /^(`{3,}|~{3,})\s*([^\s`{]*)/.exec(line);
      if (opened) fence = { mark: opened[1]!, tag: opened[2]!.toLowerCase(), from: next };
    } else if (line.startsWith(fence.mark)) {
      const body = text.slice(fence.from, at);
      if (kqlTags.has(fence.tag) || (borrowedTags.has(fence.tag) && /^\s*\|\s*\w/m.test(body) && !isTable(body)))
        found.push(looseQuery(name, text, { from: fence.from, to: at }));
      fence = undefined;
    }
    at = next;
  }
  return found;
}

const isTable = (body: string) => /^\s*\|?[\s:-]*-{3,}[\s|:-]*$/m.test(body);

/** A whole file that is one query, or several: see `splitQueries`. */
export const plainQuery = (name: string, text: string): LooseQuery =>
  looseQuery(name, text, { from: 0, to: text.length });

/**
 * The queries of a text that holds several, as the query editors tell them apart: by blank lines. Stretches that cannot
 * stand alone stay together: after `;`, before a pipe or a closing bracket, and comments with what follows them.
 */
export function splitQueries(query: LooseQuery): LooseQuery[] {
  const { text } = query;
  const stretches: Stretch[] = [];
  let open: Stretch | undefined;
  /** The code of the last piece of `open` that has any. */
  let before = '';
  const blank = /(?:^|\n)[^\S\n]*(?=\n|$)/g;
  const cuts = [...text.matchAll(blank)].map((m) => m.index + m[0].length);
  let from = 0;
  for (const cut of [...cuts, text.length]) {
    const piece = { from, to: cut };
    from = cut;
    const code = codeOf(text.slice(piece.from, piece.to));
    if (open === undefined) open = piece;
    else if (before === '' || code === '' || /[;|,(=]$/.test(before) || /^([|),]|and\b|or\b)/.test(code))
      open = { from: open.from, to: piece.to };
    else {
      stretches.push(open);
      open = piece;
    }
    if (code !== '') before = code;
  }
  if (open) stretches.push(open);
  const filled = stretches.filter((s) => codeOf(text.slice(s.from, s.to)) !== '');
  if (filled.length < 2) return [query];
  return filled.map((stretch, i) => ({
    ...query,
    ...{ title: `${query.title} (${i + 1})`, text: text.slice(stretch.from, stretch.to) },
    source: { ...query.source, map: (offset: number) => query.source.map(stretch.from + offset) },
  }));
}

/** Comments and blanks around it taken off: line by line, as a run of blanks makes other expressions quadratic. */
const codeOf = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.replace(/(?:^|\s)\/\/.*$/, ''))
    .join('\n')
    .trim();

function looseQuery(name: string, file: string, { from, to }: Stretch): LooseQuery {
  const text = file.slice(from, to);
  const stem = name.replace(/^.*[\\/]/, '').replace(/\.[^.]*$/, '');
  const line = file.slice(0, from).split('\n').length;
  const source = wholeFile(name, file);
  return {
    type: 'query',
    title: from === 0 ? stem : `${stem} line ${line}`,
    ...{ text, source: { ...source, map: (offset) => from + offset } },
    hash: contentHash(text),
  };
}
