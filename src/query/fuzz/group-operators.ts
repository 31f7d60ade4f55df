import type { Signature } from '../../kql/index.js';
import type { Column, KqlType } from '../../tables/index.js';
import { kqlName } from './hostile.js';
import { columnsOf, type Making, type Operator, piped, type Rows } from './state.js';

/** Aggregates that choose among rows, or whose result follows the order of rows. */
const unstable =
  /^(any|take_any|anyif|take_anyif|arg_max|arg_min|make_list|makelist|make_set|makeset|make_bag|make_dictionary|buildschema|tdigest|hll|merge_tdigest)/;
const keyTypes: readonly KqlType[] = ['string', 'long', 'int', 'bool', 'datetime', 'guid', 'timespan', 'real'];

const key = (rows: Rows, m: Making): { text: string; column: Column } => {
  const known = rows.columns.filter((c) => keyTypes.includes(c.type));
  if (known.length > 0 && m.r.chance(0.6)) {
    const column = m.r.pick(known);
    return { text: kqlName(column.name), column };
  }
  const column: Column = { name: m.name(), type: m.r.pick(keyTypes) };
  const text =
    column.type === 'datetime' && m.r.chance(0.6)
      ? `bin(${m.of('datetime', rows, 0)}, ${m.r.pick(['1h', '1d', '30d'])})`
      : m.of(column.type, rows, 2);
  return { text: `${kqlName(column.name)} = ${text}`, column };
};

function aggregate(rows: Rows, m: Making): { text: string; column: Column } {
  const { r } = m;
  const signature: Signature = r.pick(
    m.x.aggregates.filter((s) => !/star|passthrough|argm|^any$|buildschema/i.test(s.name)),
  );
  const name = m.name();
  if (signature.name === 'take_any') {
    const c = r.pick(rows.columns);
    m.stable = false;
    return { text: `${kqlName(name)} = take_any(${kqlName(c.name)})`, column: { name, type: c.type } };
  }
  // With a second argument the results get names of their own.
  if (signature.name.startsWith('arg_'))
    return { text: `${kqlName(name)} = ${signature.name}(${m.of('long', rows, 1)})`, column: { name, type: 'long' } };
  if (unstable.test(signature.name)) m.stable = false;
  const first = signature.parameters[0];
  const wanted: KqlType =
    first?.types[0] === 'bool' ? 'bool' : r.pick(['long', 'real', 'int', 'timespan', 'datetime'] as const);
  const usable = m.x.call(signature, wanted, m.scope(rows.columns), 1);
  const type = signature.type ?? (signature.returns === 'Parameter0Array' ? 'dynamic' : wanted);
  // Percentiles give a column each, with names of their own.
  if (signature.returns === 'Custom')
    return {
      text: `${kqlName(name)} = percentile(${m.of('real', rows, 1)}, ${r.int(0, 100)})`,
      column: { name, type: 'real' },
    };
  return { text: `${kqlName(name)} = ${usable}`, column: { name, type } };
}

export const summarize: Operator = (rows, m) => {
  const calls = m.r.times(m.r.int(0, 3), () => aggregate(rows, m));
  const keys = m.r.times(m.r.int(calls.length ? 0 : 1, 2), () => key(rows, m));
  const names = new Set(keys.map((k) => k.column.name));
  if (names.size !== keys.length) return undefined;
  const by = keys.length ? ` by ${keys.map((k) => k.text).join(', ')}` : '';
  return piped(rows, `summarize ${calls.map((c) => c.text).join(', ')}${by}`, {
    columns: [...keys.map((k) => k.column), ...calls.map((c) => c.column)],
    key: keys.length === 1 ? keys[0]!.column.name : undefined,
    ordered: false,
  });
};

export const makeSeries: Operator = (rows, m) => {
  const times = columnsOf(rows, 'datetime');
  if (times.length === 0) return undefined;
  const on = m.r.pick(times);
  const by = m.r.some(columnsOf(rows, 'string', 'bool', 'long').slice(0, 4), 0.3);
  const [n, s] = [m.name(), m.name()];
  const second = m.r.chance(0.4)
    ? `, ${kqlName(s)} = ${m.r.pick(['sum', 'avg', 'max', 'min'])}(${m.of('long', rows, 1)}) default=${m.r.pick(['0', 'long(null)'])}`
    : '';
  const range = m.r.chance(0.85)
    ? ` from datetime(2026-03-04) to datetime(2026-03-05) step ${m.r.pick(['1h', '6h', '1d', '100m'])}`
    : ' step 1d';
  return piped(
    rows,
    `make-series ${kqlName(n)} = count()${second} on ${kqlName(on.name)}${range}${by.length ? ` by ${by.map((c) => kqlName(c.name)).join(', ')}` : ''}`,
    {
      columns: [
        ...by,
        { name: n, type: 'dynamic' },
        ...(second ? [{ name: s, type: 'dynamic' as const }] : []),
        { ...on, type: 'dynamic' },
      ],
      key: undefined,
      ordered: false,
    },
  );
};

export const topNested: Operator = (rows, m) => {
  const by = columnsOf(rows, 'string', 'long', 'bool');
  if (by.length < 2) return undefined;
  const [a, b] = [m.r.pick(by), m.r.pick(by)];
  if (a === b) return undefined;
  m.stable = false;
  const [an, bn] = [m.name(), m.name()];
  return piped(
    rows,
    `top-nested ${m.r.int(1, 3)} of ${kqlName(a.name)} by ${kqlName(an)} = count(), top-nested ${m.r.pick(['', '2'])} of ${kqlName(b.name)} by ${kqlName(bn)} = max(${m.of('long', rows, 1)})`,
    {
      columns: [a, { name: an, type: 'long' }, b, { name: bn, type: 'long' }],
      key: undefined,
      ordered: false,
    },
  );
};

export const partition: Operator = (rows, m) => {
  const by = columnsOf(rows, 'string', 'long');
  if (by.length === 0) return undefined;
  const on = m.r.pick(by);
  const hint = m.r.pick([' hint.strategy=native', ' hint.strategy=legacy', ' hint.strategy=shuffle', '']);
  const n = m.name();
  if (rows.key !== undefined && m.r.chance(0.5))
    return piped(rows, `partition${hint} by ${kqlName(on.name)} (top ${m.r.int(1, 3)} by ${kqlName(rows.key)})`, {
      ordered: false,
    });
  return piped(
    rows,
    `partition${hint} by ${kqlName(on.name)} (summarize ${kqlName(n)} = count() by ${kqlName(on.name)})`,
    { columns: [on, { name: n, type: 'long' }], key: undefined, ordered: false },
  );
};

export const sample: Operator = (rows, m) => {
  m.stable = false;
  const by = columnsOf(rows, 'string', 'long');
  if (by.length === 0 || m.r.chance(0.5)) return piped(rows, `sample ${m.r.int(1, 5)}`, { ordered: false });
  const c = m.r.pick(by);
  if (m.r.chance(0.5))
    return piped(rows, `sample-distinct ${m.r.int(1, 5)} of ${kqlName(c.name)}`, {
      columns: [c],
      key: c.name,
      ordered: false,
    });
  return piped(rows, `top-hitters ${m.r.int(1, 4)} of ${kqlName(c.name)}`, {
    columns: [c, { name: `approximate_count_${c.name}`, type: 'long' }],
    key: c.name,
    ordered: false,
  });
};

export const evaluate: Operator = (rows, m) => {
  const texts = columnsOf(rows, 'string');
  const bags = columnsOf(rows, 'dynamic');
  const kinds: (() => Rows | undefined)[] = [
    () =>
      texts.length >= 1 && rows.columns.length <= 4
        ? piped(rows, `evaluate pivot(${kqlName(m.r.pick(texts).name)})\n| count`, {
            columns: [{ name: 'Count', type: 'long' }],
            key: 'Count',
            ordered: true,
          })
        : undefined,
    () =>
      bags.length >= 1
        ? piped(
            rows,
            `project b = ${kqlName(m.r.pick(bags).name)}\n| evaluate bag_unpack(b${m.r.pick(['', ', "p_"'])})\n| count`,
            { columns: [{ name: 'Count', type: 'long' }], key: 'Count', ordered: true },
          )
        : undefined,
    () =>
      piped(rows, 'evaluate narrow()', {
        columns: [
          { name: 'Row', type: 'long' },
          { name: 'Column', type: 'string' },
          { name: 'Value', type: 'string' },
        ],
        key: undefined,
        ordered: false,
      }),
  ];
  const made = m.r.pick(kinds)();
  if (made && !rows.ordered) m.stable = m.stable && made.columns.length === 1;
  return made;
};
