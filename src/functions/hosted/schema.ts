import { hosted } from '../entry.js';

/** What values of one place look like: names of their types, members of the bags, elements of the arrays. */
interface Shape {
  readonly types: Set<string>;
  readonly members: Map<string, Shape>;
  elements?: Shape;
}

const empty = (): Shape => ({ types: new Set(), members: new Map() });

function see(shape: Shape, value: unknown): void {
  if (value === null || value === undefined) return;
  if (Array.isArray(value)) {
    shape.elements ??= empty();
    for (const element of value) see(shape.elements, element);
  } else if (typeof value === 'object') {
    for (const [name, member] of Object.entries(value)) {
      const known = shape.members.get(name) ?? empty();
      shape.members.set(name, known);
      see(known, member);
    }
  } else shape.types.add(typeName(value));
}

function typeName(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'long' : 'double';
  return typeof value === 'bigint' ? 'long' : typeof value === 'boolean' ? 'bool' : 'string';
}

/** The name of a type, the members of a container, or the array of all that occur. */
function described(shape: Shape): unknown {
  const members = [...shape.members].map(([name, member]) => [name, described(member)] as const);
  if (shape.elements) members.push(['`indexer`', described(shape.elements)]);
  const all: unknown[] = [...shape.types];
  if (members.length > 0) all.push(Object.fromEntries(members));
  return all.length === 1 ? all[0] : all;
}

export const schemas = [
  hosted({
    name: 'schema_of',
    trap: 'No function of Kusto: buildschema() over the array of all values.',
    evaluate: ([values]) => {
      const shape = empty();
      for (const value of Array.isArray(values) ? values : []) see(shape, value);
      return described(shape) as object as Readonly<Record<string, unknown>>;
    },
    examples: [
      [
        'toscalar(datatable(value:dynamic)[dynamic({"x":1, "y":3.5}), dynamic({"x":"somevalue", "z":[1, 2, 3]}), dynamic({"y":{"w":"zzz"}, "t":["aa", "bb"], "z":["foo"]})] | summarize s = buildschema(value) | project bag_pack("x", array_sort_asc(s.x), "y", array_length(s.y), "t", s.t))',
        { x: ['long', 'string'], y: 2, t: { '`indexer`': 'string' } },
      ],
    ],
  }),
];
