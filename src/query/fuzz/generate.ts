import { type Column, kqlTypes } from '../../tables/index.js';
import { Expressions } from './expressions.js';
import * as groups from './group-operators.js';
import { hostileText, kqlName, kqlText } from './hostile.js';
import { Random } from './random.js';
import * as simple from './row-operators.js';
import { Making, type Operator, piped, type Rows } from './state.js';
import * as tables from './table-operators.js';

export interface Generated {
  readonly seed: number;
  readonly kql: string;
  /** The answer is the same each time. */
  readonly stable: boolean;
  /** Rows come in one order only. */
  readonly ordered: boolean;
  /** Every row has this text under this name, if there are rows. */
  readonly echo: { readonly name: string; readonly text: string };
}

const operators: readonly (readonly [number, Operator])[] = [
  [6, simple.where],
  [5, simple.extend],
  [3, simple.project],
  [1, simple.projectAway],
  [1, simple.rename],
  [0.5, simple.reorder],
  [1.5, simple.sort],
  [1, simple.top],
  [0.7, simple.take],
  [0.4, simple.count],
  [1, simple.distinct],
  [1.5, simple.mvExpand],
  [1, simple.mvApply],
  [1.2, simple.parse],
  [0.4, simple.parseKv],
  [0.5, simple.search],
  [1, simple.serialize],
  [0.6, simple.scan],
  [0.4, simple.consume],
  [0.1, simple.getschema],
  [4, groups.summarize],
  [0.9, groups.makeSeries],
  [0.4, groups.topNested],
  [0.8, groups.partition],
  [0.4, groups.sample],
  [0.4, groups.evaluate],
  [3, tables.join(side)],
  [1.2, tables.union(side)],
  [0.8, tables.twice],
  [1, tables.subquery(side)],
];

function pipeline(rows: Rows, m: Making, length: number): Rows {
  let result = rows;
  for (let i = 0; i < length; i++) result = m.r.weighted(operators)(result, m) ?? result;
  return result;
}

function side(m: Making, length: number): Rows {
  let result = tables.source(m);
  for (let i = 0; i < length; i++) result = m.r.weighted(operators.slice(0, 23))(result, m) ?? result;
  return result;
}

/** Lets of every kind. */
function declare(m: Making): void {
  const { r } = m;
  if (r.chance(0.4)) {
    const scalar: Column = { name: m.name(), type: r.pick(kqlTypes) };
    m.lets.push(`let ${kqlName(scalar.name)} = ${m.of(scalar.type, { columns: [] }, 2)};`);
    m.scalars.push(scalar);
  }
  if (r.chance(0.3)) {
    const [f, p] = [m.name(), m.name()];
    const body = m.x.of('string', { columns: [{ name: p, type: 'string' }], scalars: m.scalars, functions: [] }, 2);
    m.lets.push(
      `let ${kqlName(f)} = (${kqlName(p)}:string${r.chance(0.3) ? ` = ${kqlText(hostileText(r), r)}` : ''}) { ${body} };`,
    );
    m.functions.push(f);
  }
  if (r.chance(0.3)) {
    const rows = side(m, r.int(0, 3));
    const name = m.name();
    m.lets.push(
      `let ${kqlName(name)} = ${r.chance(0.4) ? `materialize(${rows.text})` : r.chance(0.3) ? `view () { ${rows.text} }` : rows.text};`,
    );
    m.relations.push({ name, columns: rows.columns, key: rows.key });
  }
}

/** The query of a seed: the same each time, mostly of right types. */
export function generate(seed: number): Generated {
  const r = new Random(seed);
  const m = new Making(r, new Expressions(r));
  declare(m);
  const rows = pipeline(tables.source(m), m, r.int(1, 6));
  const echo = { name: m.name(), text: hostileText(r) };
  const last = piped(rows, `extend ${kqlName(echo.name)} = ${kqlText(echo.text, r)}`);
  return {
    seed,
    kql: [...m.lets, last.text].join('\n'),
    stable: m.stable && !m.x.varies,
    ordered: rows.ordered,
    echo,
  };
}
