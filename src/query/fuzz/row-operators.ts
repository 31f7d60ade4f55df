import { type Column, type KqlType, kqlTypes } from '../../tables/index.js';
import { hostileText, kqlName, kqlText } from './hostile.js';
import { columnsOf, type Operator, piped, type Rows, spelled } from './state.js';

const sortable: readonly KqlType[] = [
  'string',
  'int',
  'long',
  'real',
  'datetime',
  'timespan',
  'bool',
  'guid',
  'decimal',
];

export const where: Operator = (rows, m) => piped(rows, `${m.r.pick(['where', 'filter'])} ${m.of('bool', rows, 3)}`);

export const extend: Operator = (rows, m) => {
  const added = m.r.times(m.r.int(1, 3), () => ({ name: m.name(), type: m.r.pick(kqlTypes) }));
  const items = added.map((c) => `${kqlName(c.name)} = ${m.of(c.type, rows, 3)}`);
  return piped(rows, `extend ${items.join(', ')}`, { columns: [...rows.columns, ...added] });
};

/** The key goes on under its name; other columns are chosen, renamed or computed. */
export const project: Operator = (rows, m) => {
  const kept = m.r.some(rows.columns, 0.4).filter((c) => c.name !== rows.key);
  const key = rows.columns.filter((c) => c.name === rows.key);
  const made = m.r.times(m.r.int(0, 2), (): Column => ({ name: m.name(), type: m.r.pick(kqlTypes) }));
  const items = [...key, ...kept]
    .map((c) => kqlName(c.name))
    .concat(made.map((c) => `${kqlName(c.name)} = ${m.of(c.type, rows, 2)}`));
  if (items.length === 0) return undefined;
  return piped(rows, `project ${items.join(', ')}`, { columns: [...key, ...kept, ...made] });
};

export const projectAway: Operator = (rows, m) => {
  const gone = m.r.some(rows.columns, 0.3).filter((c) => c.name !== rows.key);
  if (gone.length === 0 || gone.length === rows.columns.length) return undefined;
  const columns = rows.columns.filter((c) => !gone.includes(c));
  return m.r.chance(0.5)
    ? piped(rows, `project-away ${spelled(gone)}`, { columns })
    : piped(rows, `project-keep ${spelled(columns)}`, { columns });
};

export const rename: Operator = (rows, m) => {
  const free = rows.columns.filter((c) => c.name !== rows.key);
  if (free.length === 0) return undefined;
  const [old, name] = [m.r.pick(free), m.name()];
  const columns = rows.columns.map((c) => (c === old ? { ...c, name } : c));
  return piped(rows, `project-rename ${kqlName(name)} = ${kqlName(old.name)}`, { columns });
};

export const reorder: Operator = (rows, m) => {
  const first = m.r.some(rows.columns, 0.3);
  if (first.length === 0) return undefined;
  return piped(rows, `project-reorder ${spelled(first)}`, {
    columns: [...first, ...rows.columns.filter((c) => !first.includes(c))],
  });
};

/** A total order where there is a key. */
function order(rows: Rows, m: Parameters<Operator>[1]): { text: string; total: boolean } | undefined {
  const by = m.r.some(columnsOf(rows, ...sortable), 0.25).slice(0, 2);
  const key = rows.columns.filter((c) => c.name === rows.key && !by.includes(c));
  const all = [...by, ...key];
  if (all.length === 0) return undefined;
  const text = all
    .map(
      (c) => `${kqlName(c.name)}${m.r.pick(['', ' asc', ' desc'])}${m.r.pick(['', '', ' nulls first', ' nulls last'])}`,
    )
    .join(', ');
  return { text, total: rows.key !== undefined };
}

export const sort: Operator = (rows, m) => {
  const by = order(rows, m);
  return by && piped(rows, `${m.r.pick(['sort', 'order'])} by ${by.text}`, { ordered: by.total });
};

export const top: Operator = (rows, m) => {
  const by = columnsOf(rows, ...sortable);
  if (by.length === 0) return undefined;
  const column = by.find((c) => c.name === rows.key && m.r.chance(0.7)) ?? m.r.pick(by);
  const total = column.name === rows.key;
  if (!total) m.stable = false;
  return piped(rows, `top ${m.r.int(0, 8)} by ${kqlName(column.name)}${m.r.pick(['', ' asc', ' desc'])}`, {
    ordered: total,
  });
};

export const take: Operator = (rows, m) => {
  if (!rows.ordered) m.stable = false;
  return piped(rows, `${m.r.pick(['take', 'limit'])} ${m.r.int(0, 9)}`);
};

export const count: Operator = (rows) =>
  piped(rows, 'count', { columns: [{ name: 'Count', type: 'long' }], key: 'Count', ordered: true });

export const distinct: Operator = (rows, m) => {
  const columns = m.r.some(columnsOf(rows, ...sortable), 0.3);
  if (columns.length === 0) return undefined;
  return piped(rows, `distinct ${spelled(columns)}`, {
    columns,
    key: columns.length === 1 ? columns[0]!.name : undefined,
    ordered: false,
  });
};

export const mvExpand: Operator = (rows, m) => {
  const lists = columnsOf(rows, 'dynamic');
  if (lists.length === 0) return undefined;
  const list = m.r.pick(lists);
  const to = m.r.pick<KqlType | undefined>([undefined, undefined, 'long', 'string', 'real', 'datetime']);
  const index = m.r.chance(0.2) ? m.name() : undefined;
  const columns = rows.columns.map((c) => (c === list ? { ...c, type: to ?? c.type } : c));
  const limit = m.r.chance(0.2) ? ` limit ${m.r.int(1, 3)}` : '';
  const kind = m.r.chance(0.1) ? ` kind=${m.r.pick(['array', 'bag'])}` : '';
  return piped(
    rows,
    `mv-expand${kind}${index ? ` with_itemindex=${kqlName(index)}` : ''} ${kqlName(list.name)}${to ? ` to typeof(${to})` : ''}${limit}`,
    {
      columns: index ? [...columns, { name: index, type: 'long' }] : columns,
      key: undefined,
      ordered: false,
    },
  );
};

export const mvApply: Operator = (rows, m) => {
  const lists = columnsOf(rows, 'dynamic');
  if (lists.length === 0) return undefined;
  const list = m.r.pick(lists);
  const element = m.name();
  const [n] = [m.name()];
  const inner = m.r.pick([
    `summarize ${kqlName(n)} = count()`,
    `where ${kqlName(element)} > 1 | summarize ${kqlName(n)} = countif(isnotnull(${kqlName(element)}))`,
    `summarize ${kqlName(n)} = count() by k = tostring(${kqlName(element)}) | summarize ${kqlName(n)} = sum(${kqlName(n)})`,
  ]);
  return piped(rows, `mv-apply ${kqlName(element)} = ${kqlName(list.name)} to typeof(long) on (${inner})`, {
    columns: [...rows.columns, { name: n, type: 'long' }],
    ordered: false,
  });
};

export const parse: Operator = (rows, m) => {
  const texts = columnsOf(rows, 'string');
  if (texts.length === 0) return undefined;
  const [a, b] = [m.name(), m.name()];
  const literal = () =>
    kqlText(m.r.pick([' ', '=', '/', ':', '.', hostileText(m.r)]) || '=', m.r.chance(0.5) ? m.r : undefined);
  const kind = m.r.pick(['', '', ' kind=simple', ' kind=relaxed', ' kind=regex']);
  const pattern = kind.includes('regex')
    ? `${m.r.pick(['*', ''])} "[a-z]+" ${kqlName(a)}:string "[^a-z]" ${kqlName(b)}:long`
    : `${m.r.pick(['*', ''])} ${literal()} ${kqlName(a)}:string ${literal()} ${kqlName(b)}:long${m.r.pick(['', ' *'])}`;
  return piped(rows, `${m.r.pick(['parse', 'parse-where'])}${kind} ${kqlName(m.r.pick(texts).name)} with ${pattern}`, {
    columns: [...rows.columns, { name: a, type: 'string' }, { name: b, type: 'long' }],
  });
};

export const parseKv: Operator = (rows, m) => {
  const texts = columnsOf(rows, 'string');
  if (texts.length === 0) return undefined;
  const columns: Column[] = [
    { name: 'key', type: 'string' },
    { name: 'key2', type: 'string' },
  ];
  if (rows.columns.some((c) => c.name === 'key' || c.name === 'key2')) return undefined;
  const quote = m.r.pick(['', `, quote='"'`]);
  return piped(
    rows,
    `parse-kv ${kqlName(m.r.pick(texts).name)} as (key:string, key2:string) with (pair_delimiter=' ', kv_delimiter='='${quote})`,
    { columns: [...rows.columns, ...columns] },
  );
};

export const search: Operator = (rows, m) => {
  if (rows.columns.some((c) => c.name === '$table')) return undefined;
  return piped(rows, `search ${kqlText(hostileText(m.r) || 'a', m.r)}\n| project ${spelled(rows.columns)}`);
};

/** Functions over the ordered rows. */
export const serialize: Operator = (rows, m) => {
  if (rows.key === undefined) return undefined;
  const column = m.r.pick(rows.columns);
  const summed = columnsOf(rows, 'long', 'real', 'int');
  const [a, b, c] = [m.name(), m.name(), m.name()];
  const items: [string, Column][] = [
    [
      `${kqlName(a)} = row_number(${m.r.pick(['', '0', '1, Restart'])})`.replace('Restart', m.of('bool', rows, 1)),
      { name: a, type: 'long' },
    ],
    [
      `${kqlName(b)} = ${m.r.pick(['prev', 'next'])}(${kqlName(column.name)}${m.r.pick(['', ', 1', ', 2'])})`,
      { name: b, type: column.type },
    ],
  ];
  if (summed.length > 0) {
    const s = m.r.pick(summed);
    items.push([`${kqlName(c)} = row_cumsum(${kqlName(s.name)})`, { name: c, type: s.type }]);
  }
  const chosen = items.filter(() => m.r.chance(0.6));
  if (chosen.length === 0) return undefined;
  const sorted = piped(rows, `sort by ${kqlName(rows.key)} asc`);
  return piped(sorted, `${m.r.pick(['serialize', 'extend'])} ${chosen.map(([t]) => t).join(', ')}`, {
    columns: [...rows.columns, ...chosen.map(([, c]) => c)],
    ordered: true,
  });
};

export const scan: Operator = (rows, m) => {
  if (rows.key === undefined) return undefined;
  const [n, s] = [m.name(), m.name()];
  const steps = m.r.pick([
    `step s1: true => ${kqlName(n)} = s1.${kqlName(n)} + 1;`,
    `step s1 output=last: ${m.of('bool', rows, 1)}; step s2: ${m.of('bool', rows, 1)} => ${kqlName(n)} = 1;`,
    `step s1: ${m.of('bool', rows, 1)} => ${kqlName(n)} = 2; step s2: ${kqlName(rows.key)} > s1.${kqlName(rows.key)};`,
  ]);
  const sorted = piped(rows, `sort by ${kqlName(rows.key)} asc`);
  return piped(sorted, `scan with_match_id=${kqlName(s)} declare (${kqlName(n)}:long = 0) with (${steps})`, {
    columns: [...rows.columns, { name: n, type: 'long' }, { name: s, type: 'long' }],
    key: undefined,
    ordered: false,
  });
};

export const consume: Operator = (rows, m) => piped(rows, m.r.pick(['render table', 'as zqn_named', 'serialize']));
export const getschema: Operator = (rows) =>
  piped(rows, 'getschema', {
    columns: [
      { name: 'ColumnName', type: 'string' },
      { name: 'ColumnOrdinal', type: 'int' },
      { name: 'DataType', type: 'string' },
      { name: 'ColumnType', type: 'string' },
    ],
    key: 'ColumnOrdinal',
    ordered: false,
  });
