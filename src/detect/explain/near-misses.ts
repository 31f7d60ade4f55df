import {
  call,
  conjunction,
  conjunctsOf,
  type Expr,
  type Filter,
  type Join,
  literal,
  mapInputs,
  type Rel,
} from '../../ir/index.js';

/** A change to the query that a person can judge, and the relation that it gives. */
export interface Relaxation {
  /** Completes "N rows would match if …". */
  readonly text: string;
  readonly rel: Rel;
}

/** The query's own words for an expression. */
export type Words = (e: Expr) => string;

/** Ways in which two addresses of the same thing differ in logs, from harmless to coarse. */
const spellings: readonly { readonly text: string; readonly apply: (e: Expr) => Expr }[] = [
  { text: 'upper and lower case did not count', apply: (e) => call('tolower', 'string', [e]) },
  { text: 'slashes at the end did not count', apply: (e) => call('trim_end', 'string', [literal('string', '/+'), e]) },
  {
    text: 'the scheme (https://) did not count',
    apply: (e) =>
      call('replace_regex', 'string', [e, literal('string', '^[A-Za-z][A-Za-z0-9+.-]*://'), literal('string', '')]),
  },
  {
    text: 'what follows a ? or # did not count',
    apply: (e) => call('replace_regex', 'string', [e, literal('string', '[?#].*$'), literal('string', '')]),
  },
  { text: 'percent escapes were decoded', apply: (e) => call('url_decode', 'string', [e]) },
  {
    text: 'only the host counted',
    apply: (e) =>
      call('extract', 'string', [
        literal('string', '^(?:[A-Za-z][A-Za-z0-9+.-]*://)?([^/:?#]+)'),
        literal('long', 1n),
        e,
      ]),
  },
];

/** A join that found no partners: one key spelled more loosely, one key left out, one filter of a side left out. */
export function joinRelaxations(join: Join, words: Words): Relaxation[] {
  const found: Relaxation[] = [];
  join.keys.forEach((key, i) => {
    if (key.left.type !== 'string') return;
    for (const { text, apply } of spellings) {
      const keys = join.keys.map((k, at) => (at === i ? { left: apply(k.left), right: apply(k.right) } : k));
      found.push({
        text: `${words(key.left)} == ${words(key.right)} were compared so that ${text}`,
        rel: { ...join, keys },
      });
    }
  });
  if (join.keys.length > 1) {
    join.keys.forEach((key, i) => {
      const keys = join.keys.filter((_, at) => at !== i);
      found.push({ text: `${words(key.left)} == ${words(key.right)} were not asked`, rel: { ...join, keys } });
    });
  }
  for (const side of ['right', 'left'] as const) {
    for (const r of withoutOneCondition(join[side], words))
      found.push({ text: r.text, rel: { ...join, [side]: r.rel } });
  }
  return found;
}

/** A filter that let nothing pass: the same without one of its conditions. */
export function filterRelaxations(filter: Filter, words: Words): Relaxation[] {
  return withoutOneCondition(filter, words, 1);
}

/** The relation with one condition of one of its filters left out, once for every condition. Views are not opened. */
function withoutOneCondition(rel: Rel, words: Words, filters = 8): Relaxation[] {
  if (filters === 0) return [];
  if (rel.kind === 'Filter') {
    const parts = conjunctsOf(rel.predicate);
    const here = parts
      .filter((p) => p.span)
      .map((dropped): Relaxation => {
        const kept = parts.filter((p) => p !== dropped);
        return {
          text: `${words(dropped)} were not asked`,
          rel: kept.length ? { ...rel, predicate: conjunction(kept) } : rel.input,
        };
      });
    const below = withoutOneCondition(rel.input, words, filters - 1).map((r) => ({
      ...r,
      rel: { ...rel, input: r.rel },
    }));
    return [...here, ...below];
  }
  if (rel.kind !== 'Project' && rel.kind !== 'Sort' && rel.kind !== 'Limit') return [];
  return withoutOneCondition(rel.input, words, filters).map((r) => ({ ...r, rel: mapInputs(rel, () => r.rel) }));
}
