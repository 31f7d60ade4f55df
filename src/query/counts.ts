import { literal, mapInputs, type Rel, type Shared } from '../ir/index.js';
import type { Column } from '../tables/index.js';

const columns: readonly Column[] = [
  { name: 'at', type: 'long' },
  { name: 'rows', type: 'long' },
];

/** One row for each relation: its position and how many rows it has. */
export function countsOf(rels: readonly Rel[]): Rel {
  const inputs = sharing(rels).map(
    (input, i): Rel => ({
      kind: 'Project',
      columns,
      items: [
        { name: 'at', expr: literal('long', BigInt(i)) },
        { name: 'rows', expr: { kind: 'Column', type: 'long', name: 'rows' } },
      ],
      input: countOf(input),
    }),
  );
  return inputs.length === 1 ? inputs[0]! : { kind: 'Union', inputs, columns };
}

const countOf = (input: Rel): Rel => ({
  kind: 'Aggregate',
  input,
  keys: [],
  calls: [{ name: 'rows', call: { name: 'count', type: 'long', args: [] } }],
  columns: [{ name: 'rows', type: 'long' }],
});

/** Results of joins and groupings are small beside what they are made of: those that several relations contain are shared. */
function sharing(rels: readonly Rel[]): Rel[] {
  const made = new Map<Rel, Rel>();
  const visit = (rel: Rel): Rel => {
    const known = made.get(rel);
    if (known) return known;
    const inner = mapInputs(rel, visit);
    const result: Rel =
      rel.kind === 'Join' || rel.kind === 'Aggregate'
        ? ({ kind: 'Shared', name: 'step', input: inner, columns: inner.columns } satisfies Shared)
        : inner;
    made.set(rel, result);
    return result;
  };
  return rels.map(visit);
}
