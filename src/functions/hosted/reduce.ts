import type { Host, HostedValue } from '../entry.js';
import type { HostedOperation, HostedTable } from './operation.js';

export interface ReduceSettings {
  readonly threshold: number;
  /** What separates terms; every character that is no ASCII letter or digit when left out. */
  readonly characters?: string | undefined;
  /** Rows are [text, pattern, count, representative] for each text instead of one for each pattern. */
  readonly source: boolean;
}

interface Line {
  readonly text: string;
  readonly count: number;
  readonly terms: readonly string[];
  /** What stands before each term, and behind the last. */
  readonly between: readonly string[];
}

/** Texts that no pattern describes. */
const others = 'others';

/**
 * Groups texts by the terms that are frequent at their places, after Vaarandi's "A Data Clustering Algorithm for Mining
 * Patterns From Event Logs" (2003), on which Kusto's operator is based. A term of digits alone is never a constant of a
 * pattern. Input rows are [text, count].
 */
export const reduce: HostedOperation = {
  name: 'reduce',
  async run(input: HostedTable, settings: unknown, host: Host) {
    const { threshold, characters, source } = settings as ReduceSettings;
    const separator = separatorOf(characters);
    const lines: Line[] = [];
    for (const [text, count] of input.rows) {
      lines.push(lineOf(String(text), Number(count), separator));
      if (lines.length % 512 === 0) await host.breathe();
    }
    lines.sort((a, b) => b.count - a.count || (a.text < b.text ? -1 : 1));
    const groups = await grouped(lines, threshold, host);
    const rows: HostedValue[][] = [];
    for (const group of groups) {
      const count = group.lines.reduce((n, l) => n + l.count, 0);
      const answer = group.fixed.size === 0 ? [others, count, ''] : [patternOf(group), count, group.lines[0]!.text];
      if (source) for (const l of group.lines) rows.push([l.text, ...answer]);
      else rows.push(answer);
      await host.breathe();
    }
    return source ? rows : rows.sort((a, b) => rank(a) - rank(b) || Number(b[1]) - Number(a[1]));
  },
};

const rank = ([pattern]: readonly HostedValue[]) => (pattern === others ? 1 : 0);

function separatorOf(characters: string | undefined): RegExp {
  if (characters === undefined) return /[^A-Za-z0-9]+/gu;
  return characters === '' ? /(?!)/gu : new RegExp(`[${characters.replace(/[\\\]^-]/g, '\\$&')}]+`, 'gu');
}

function lineOf(text: string, count: number, separator: RegExp): Line {
  const terms: string[] = [];
  const between: string[] = [''];
  let at = 0;
  const take = (to: number) => {
    if (to === at) return;
    terms.push(text.slice(at, to));
    between.push('');
  };
  for (const found of text.matchAll(separator)) {
    take(found.index);
    between[between.length - 1] = found[0];
    at = found.index + found[0].length;
  }
  take(text.length);
  return { text, count, terms, between };
}

interface Group {
  /** The places of the terms that all lines have; none in the group of those without a pattern. */
  readonly fixed: ReadonlySet<number>;
  readonly lines: Line[];
}

const termAt = (place: number, term: string) => `${place} ${term}`;
const onlyDigits = (term: string) => /^[0-9]+$/.test(term);

async function grouped(lines: readonly Line[], threshold: number, host: Host): Promise<Group[]> {
  const total = lines.reduce((n, l) => n + l.count, 0);
  // One text alone shows no pattern.
  const least = Math.max(2, threshold * total);
  const counts = new Map<string, number>();
  for (const l of lines) {
    for (const [i, t] of l.terms.entries()) counts.set(termAt(i, t), (counts.get(termAt(i, t)) ?? 0) + l.count);
    await host.breathe();
  }
  const isFrequent = (t: string, i: number) => !onlyDigits(t) && counts.get(termAt(i, t))! >= least;
  const candidates = new Map<string, Group & { readonly terms: ReadonlySet<string>; count: number }>();
  for (const l of lines) {
    const places = l.terms.flatMap((t, i) => (isFrequent(t, i) ? [i] : []));
    const terms = places.map((i) => termAt(i, l.terms[i]!));
    const key = JSON.stringify(terms);
    const known = candidates.get(key) ?? { terms: new Set(terms), fixed: new Set(places), lines: [], count: 0 };
    known.lines.push(l);
    known.count += l.count;
    candidates.set(key, known);
    await host.breathe();
  }
  const all = [...candidates.values()];
  const isPattern = (c: (typeof all)[number]) => c.fixed.size > 0 && c.count >= least;
  const patterns = all.filter(isPattern).sort((a, b) => b.fixed.size - a.fixed.size || b.count - a.count);
  const rest: Group = { fixed: new Set(), lines: [] };
  // Lines too few for a pattern of their own join the closest one that describes them.
  for (const c of all.filter((a) => !isPattern(a))) {
    const wider = patterns.find((p) => [...p.terms].every((t) => c.terms.has(t)));
    (wider ?? rest).lines.push(...c.lines);
    await host.breathe();
  }
  return rest.lines.length > 0 ? [...patterns, rest] : patterns;
}

/**
 * The text of the first line with stars for what varies. A letter or digit that separates goes with the star beside it,
 * as it would read like a part of the term.
 */
function patternOf({ fixed, lines }: Group): string {
  const [first] = lines as [Line, ...Line[]];
  const longer = lines.some((l) => l.terms.length !== first.terms.length);
  const end = longer ? Math.max(...fixed) + 1 : first.terms.length;
  const pieces: string[] = [];
  const isStar = (i: number) => i >= 0 && i < first.terms.length && !fixed.has(i);
  for (let i = 0; i <= end; i++) {
    const tail = i === end && longer;
    const beside = isStar(i - 1) || isStar(i) || tail;
    const separator = first.between[i]!;
    pieces.push(beside ? separator.replace(/^[A-Za-z0-9]+|[A-Za-z0-9]+$/g, '') : separator);
    if (i < end) pieces.push(fixed.has(i) ? first.terms[i]! : '*');
    else if (tail) pieces.push('*');
  }
  return pieces.join('').replace(/\*(\s*\*)+/g, '*');
}
