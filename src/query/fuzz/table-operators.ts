import { type Column, type KqlType, kqlTypes } from '../../tables/index.js';
import { hostileText, kqlName, kqlText } from './hostile.js';
import { columnsOf, type Making, type Operator, piped, type Rows, spelled } from './state.js';
import { fuzzTables } from './tables.js';

/** Rows of a source, and perhaps a few operators over them: the right side of a join, the leg of a union. */
export type Side = (m: Making, operators: number) => Rows;

const kinds = [
  'innerunique',
  'inner',
  'leftouter',
  'rightouter',
  'fullouter',
  'leftsemi',
  'rightsemi',
  'leftanti',
  'rightanti',
  'anti',
  'leftantisemi',
];
const joinable: readonly KqlType[] = ['string', 'long', 'int', 'datetime', 'guid', 'bool', 'timespan'];

export const join =
  (side: Side): Operator =>
  (rows, m) => {
    const { r } = m;
    const right = side(m, r.int(0, 2));
    const pairs = rows.columns
      .filter((c) => joinable.includes(c.type))
      .flatMap((l) => right.columns.filter((c) => c.type === l.type).map((c) => [l, c] as const));
    if (pairs.length === 0) return undefined;
    const on = r.times(r.chance(0.8) ? 1 : 2, () => r.pick(pairs));
    const kind = r.pick(kinds);
    const shape = r.chance(0.12) ? 'lookup' : 'join';
    // Names of the right side of their own, so that what comes out is known.
    const fresh = right.columns.map((c): Column => ({ name: m.name(), type: c.type }));
    const renamed = piped(
      right,
      `project ${right.columns.map((c, i) => `${kqlName(fresh[i]!.name)} = ${kqlName(c.name)}`).join(', ')}`,
    );
    const same = r.chance(0.25) && on.length === 1;
    const rightName = (c: Column) => kqlName(fresh[right.columns.indexOf(c)]!.name);
    const condition = on.map(([l, c]) => `$left.${kqlName(l.name)} == $right.${rightName(c)}`).join(', ');
    const rightText = same
      ? `${renamed.text}\n| extend ${kqlName(on[0]![0].name)} = ${rightName(on[0]![1])}`
      : renamed.text;
    const text = same ? kqlName(on[0]![0].name) : condition;
    if (shape === 'lookup') {
      const outer = r.chance(0.5);
      const gone = new Set(same ? [] : on.map(([, c]) => fresh[right.columns.indexOf(c)]));
      return piped(rows, `lookup kind=${outer ? 'leftouter' : 'inner'} (${rightText}) on ${text}`, {
        columns: [...rows.columns, ...fresh.filter((c) => !gone.has(c))],
        key: undefined,
        ordered: false,
      });
    }
    if (kind === 'innerunique') m.stable = false;
    const hint = r.chance(0.1) ? ` hint.strategy=${r.pick(['broadcast', 'shuffle'])}` : '';
    const result = piped(rows, `join kind=${kind}${hint} (${rightText}) on ${text}`, {
      key: undefined,
      ordered: false,
    });
    if (/^left(semi|anti)|^anti|^semi/.test(kind)) return { ...result, key: rows.key };
    if (/^right(semi|anti)/.test(kind)) return { ...result, columns: same ? [...fresh, on[0]![0]] : fresh };
    return { ...result, columns: [...rows.columns, ...fresh] };
  };

export const union =
  (side: Side): Operator =>
  (rows, m) => {
    const { r } = m;
    const legs = [rows, ...r.times(r.int(1, 2), () => (r.chance(0.3) ? rows : side(m, r.int(0, 2))))];
    const shape = r.times(r.int(1, 4), (): Column => ({ name: m.name(), type: r.pick(kqlTypes) }));
    const texts = legs.map((leg) => {
      const items = shape.map((c) => {
        const fits = leg.columns.filter((x) => x.type === c.type);
        return `${kqlName(c.name)} = ${fits.length && r.chance(0.9) ? kqlName(r.pick(fits).name) : m.of(c.type, leg, 1)}`;
      });
      return `(${leg.text}\n| project ${items.join(', ')})`;
    });
    const source = r.chance(0.3) ? m.name() : undefined;
    const text = `union${r.pick(['', ' kind=outer', ' kind=inner'])}${source ? ` withsource=${kqlName(source)}` : ''} ${texts.join(', ')}`;
    return {
      text,
      columns: source ? [{ name: source, type: 'string' }, ...shape] : shape,
      key: undefined,
      ordered: false,
    };
  };

/** Rows beside themselves, of one let that is used twice. */
export const twice: Operator = (rows, m) => {
  const name = `zqn_let${m.lets.length}`;
  m.lets.push(`let ${name} = ${m.r.pick(['', 'materialize'])}(${rows.text});`);
  const columns = rows.columns;
  if (m.r.chance(0.5) || rows.key === undefined)
    return { ...rows, text: `union ${name}, ${name}`, columns, key: undefined, ordered: false };
  const n = m.name();
  return {
    text: `${name}\n| join kind=inner (${name} | summarize ${kqlName(n)} = count() by ${kqlName(rows.key)}) on ${kqlName(rows.key)}\n| project ${spelled([...columns, { name: n, type: 'long' }])}`,
    columns: [...columns, { name: n, type: 'long' }],
    key: rows.key,
    ordered: false,
  };
};

/** `in (table)`, `toscalar(table)`. */
export const subquery =
  (side: Side): Operator =>
  (rows, m) => {
    const right = side(m, m.r.int(0, 2));
    const pairs = columnsOf(rows, 'string', 'long', 'int', 'datetime').flatMap((l) =>
      right.columns.filter((c) => c.type === l.type).map((c) => [l, c] as const),
    );
    if (pairs.length === 0) return undefined;
    const [l, c] = m.r.pick(pairs);
    if (m.r.chance(0.5)) {
      const word = l.type === 'string' ? m.r.pick(['in', '!in', 'in~', '!in~']) : m.r.pick(['in', '!in']);
      return piped(rows, `where ${kqlName(l.name)} ${word} ((${right.text}\n| project ${kqlName(c.name)}))`);
    }
    const name = m.name();
    const call = m.r.pick(['count()', `dcount(${kqlName(c.name)})`, `countif(isnotnull(${kqlName(c.name)}))`]);
    return piped(rows, `extend ${kqlName(name)} = toscalar(${right.text}\n| summarize ${call})`, {
      columns: [...rows.columns, { name, type: 'long' }],
    });
  };

export function source(m: Making): Rows {
  const { r } = m;
  const tables = fuzzTables();
  const ofTable = (): Rows => {
    const t = r.weighted([
      [5, tables[0]!],
      [3, tables[1]!],
      [0.5, tables[2]!],
    ]);
    return { text: t.schema.name, columns: t.columns, key: 'Id', ordered: false };
  };
  return r.weighted<() => Rows>([
    [8, ofTable],
    [
      1,
      () => {
        const columns = r.times(r.int(1, 4), (): Column => ({ name: m.name(), type: r.pick(kqlTypes) }));
        const cells = r.times(r.int(0, 4), () =>
          columns.map((c) => m.x.of(c.type, { columns: [], scalars: [], functions: [] }, 0)).join(', '),
        );
        return {
          text: `datatable(${columns.map((c) => `${kqlName(c.name)}:${c.type}`).join(', ')}) [${cells.join(', ')}]`,
          columns,
          key: undefined,
          ordered: false,
        };
      },
    ],
    [
      0.7,
      () => {
        const columns = r.times(r.int(1, 4), (): Column => ({ name: m.name(), type: r.pick(kqlTypes) }));
        return {
          text: `print ${columns.map((c) => `${kqlName(c.name)} = ${m.of(c.type, { columns: [] }, 2)}`).join(', ')}`,
          columns,
          key: undefined,
          ordered: true,
        };
      },
    ],
    [
      0.7,
      () => {
        const name = m.name();
        const [type, bounds] = r.pick<[KqlType, string]>([
          ['long', 'from 1 to 9 step 2'],
          ['datetime', 'from datetime(2026-03-01) to datetime(2026-03-04) step 12h'],
          ['real', 'from 0.0 to 2.0 step 0.5'],
          ['timespan', 'from 0s to 1h step 20m'],
          ['long', 'from 5 to 1 step -1'],
        ]);
        return { text: `range ${kqlName(name)} ${bounds}`, columns: [{ name, type }], key: name, ordered: false };
      },
    ],
    [
      0.4,
      () => {
        const t = tables[0]!;
        return {
          text: `find in (${t.schema.name}, ${tables[1]!.schema.name}) where Key == ${kqlText(r.pick(['k1', hostileText(r)]), r)} project Id, Key`,
          columns: [
            { name: 'source_', type: 'string' },
            { name: 'Id', type: 'long' },
            { name: 'Key', type: 'string' },
          ],
          key: undefined,
          ordered: false,
        };
      },
    ],
    [
      m.relations.length ? 2 : 0,
      () => {
        const known = r.pick(
          m.relations.length ? m.relations : [{ name: 'Alpha_CL', columns: tables[0]!.columns, key: 'Id' }],
        );
        return { text: kqlName(known.name), columns: known.columns, key: known.key, ordered: false };
      },
    ],
  ])();
}
