import { type Expr, mapExpr, type Steps } from '../ir/index.js';
import { joinSql, name, number, Sql, sql, text } from '../sql/index.js';
import type { Column } from '../tables/index.js';
import type { Emission } from './context.js';
import { emitExpr } from './expression.js';
import { emitRel } from './relation.js';
import { type Columns, columnsOf, type Item, type Select, wrap } from './select.js';
import { emitLiteral, nullableType } from './types.js';

const acc = name('scan_state');
const row = name('scan_row');
const at = name('scan_at');
const sofar = name('scan_sofar');
const part = name('scan_part');

const element = (of: Sql, at: number): Sql => sql`tupleElement(${of}, ${number(at)})`;
const tuple = (parts: readonly Sql[]): Sql => sql`tuple(${joinSql(parts, ', ')})`;
const tupleType = (types: readonly string[]) => `Tuple(${types.join(', ')})`;

/**
 * The rows of a group become an array that arrayFold walks. What it carries along is (next match id, the state of each
 * step, the rows that came out); the state of a step is (active, match id, place of its last row, columns of the rows
 * that matched the steps up to it). Steps are tried from the last to the first, so that of step k only two things depend
 * on the later ones: whether step k + 1 has just taken its state over.
 */
export function emitSteps(rel: Steps, e: Emission): Select {
  const inner = wrap(emitRel(rel.input, e), e.alias());
  const input = rel.input.columns;
  const place: Item = {
    name: 'scan_place',
    sql: sql`toInt64(rowNumberInAllBlocks())`,
    type: 'long',
    nullable: false,
    plain: false,
  };
  const placed = wrap({ ...inner, items: [...inner.items, place] }, e.alias());
  const own = columnsOf(placed);
  const kept = [own.get(place.name)!, ...input.map((c) => own.get(c.name)!)];
  const rowType = tupleType(['Int64', ...input.map((c) => nullableType(c.type))]);
  const one = sql`CAST(${tuple(kept.map((i) => i.sql))}, ${text(rowType)})`;
  const rows: Item = {
    name: 'scan_rows',
    sql: sql`arraySort(x -> tupleElement(x, 1), groupArray(${one}))`,
    type: 'dynamic',
    nullable: false,
    plain: false,
  };
  const groupBy = rel.per.map((p) => own.get(p)!.sql);
  const grouped = wrap(
    { ...placed, items: [rows], groupBy: groupBy.length ? groupBy : [sql`materialize(0)`] },
    e.alias(),
  );
  const list = grouped.items[0]!.sql;
  const machine = new Machine(rel, e);
  const folded = wrap(
    {
      ...grouped,
      items: [
        grouped.items[0]!,
        { name: 'scan_out', sql: machine.fold(list), type: 'dynamic', nullable: false, plain: false },
      ],
    },
    e.alias(),
  );
  const [listOf, outOf] = folded.items.map((i) => i.sql) as [Sql, Sql];
  const out = e.alias();
  const unordered: Select = {
    ...folded,
    from: Sql.of(`${folded.from!.text}\nARRAY JOIN ${outOf.text} AS ${out.text}`),
    items: [],
  };
  const whole = sql`arrayElement(${listOf}, ${element(out, 1)})`;
  const order: Item[] = [
    { name: 'scan_place', sql: element(whole, 1), type: 'long', nullable: false, plain: false },
    { name: 'scan_step', sql: element(out, 2), type: 'long', nullable: false, plain: false },
  ];
  const item = (c: Column): Item => {
    const declared = rel.declared.findIndex((d) => d.column.name === c.name);
    const at = input.findIndex((i) => i.name === c.name);
    const value =
      c.name === rel.matchId ? element(out, 3) : declared >= 0 ? element(out, 4 + declared) : element(whole, 2 + at);
    return { name: c.name, sql: value, type: c.type, nullable: c.type !== 'string', plain: false };
  };
  const flat = wrap({ ...unordered, items: [...rel.columns.map(item), ...order] }, e.alias());
  const [first, step] = flat.items.slice(-2).map((i) => i.sql) as [Sql, Sql];
  return {
    ...flat,
    items: flat.items.slice(0, -2),
    orderBy: [first, Sql.of(`${step.text} DESC`, true)],
  };
}

class Machine {
  private readonly input: readonly Column[];
  private readonly declared: readonly Column[];
  /** Columns that a state keeps of a row that matched. */
  private readonly remembered: readonly Column[];
  private readonly defaults: ReadonlyMap<string, Sql>;

  constructor(
    private readonly rel: Steps,
    private readonly e: Emission,
  ) {
    this.input = rel.input.columns;
    this.declared = rel.declared.map((d) => d.column);
    const read = new Set<string>();
    for (const s of rel.steps)
      for (const x of [s.condition, ...s.assignments.map((a) => a.expr)])
        mapExpr(x, (y) => {
          const [, c] = y.kind === 'Call' && y.name === 'scan_state' ? y.args : [];
          if (c?.kind === 'Column') read.add(c.name);
          return y;
        });
    const own = new Set(this.declared.map((d) => d.name));
    this.remembered = [...this.input.filter((c) => read.has(c.name) && !own.has(c.name)), ...this.declared];
    this.defaults = new Map(rel.declared.map((d) => [d.column.name, emitExpr(d.otherwise, new Map(), e).sql] as const));
  }

  private get steps() {
    return this.rel.steps;
  }

  private rowState(): string {
    return tupleType(['UInt8', ...this.remembered.map((c) => nullableType(c.type))]);
  }

  private stateType(k: number): string {
    return tupleType(['UInt8', 'Int64', 'Int64', ...Array.from({ length: k + 1 }, () => this.rowState())]);
  }

  private outType(): string {
    return tupleType(['Int64', 'Int64', 'Int64', ...this.declared.map((c) => nullableType(c.type))]);
  }

  private outsType(): string {
    return `Array(${this.outType()})`;
  }

  private nothing(): Sql {
    const values = this.remembered.map(
      (c) => this.defaults.get(c.name) ?? emitLiteral({ kind: 'Literal', type: c.type, value: null }),
    );
    return sql`CAST(${tuple([sql`0`, ...values])}, ${text(this.rowState())})`;
  }

  private empty(k: number): Sql {
    const parts = [sql`0`, sql`0`, sql`0`, ...Array.from({ length: k + 1 }, () => this.nothing())];
    return sql`CAST(${tuple(parts)}, ${text(this.stateType(k))})`;
  }

  private stateOf = (k: number): Sql => element(acc, 2 + k);

  /** The row at hand, and the rows of the steps up to `k` as `state` holds them; a later one reads as empty. */
  private scope(state: Sql, held: number): Columns {
    const items: Item[] = [];
    const add = (n: string, value: Sql, c: Column) =>
      items.push({ name: n, sql: value, type: c.type, nullable: c.type !== 'string', plain: false });
    this.input.forEach((c, i) => {
      add(c.name, element(row, 2 + i), c);
    });
    for (const c of this.declared)
      add(c.name, sql`CAST(${this.defaults.get(c.name)!}, ${text(nullableType(c.type))})`, c);
    this.steps.forEach((_, i) => {
      this.remembered.forEach((c, j) => {
        add(stateName(i, c.name), element(i <= held ? element(state, 4 + i) : this.nothing(), 2 + j), c);
      });
    });
    return new Map(items.map((i) => [i.name, i]));
  }

  private emit(x: Expr, scope: Columns): Sql {
    const resolved = mapExpr(x, (y) => {
      if (y.kind !== 'Call' || y.name !== 'scan_state') return y;
      const [step, c] = y.args;
      if (step?.kind !== 'Literal' || c?.kind !== 'Column') throw new Error('a state wants a step and a column');
      return { ...c, name: stateName(Number(step.value), c.name) };
    });
    return emitExpr(resolved, scope, this.e).sql;
  }

  private holds(k: number, state: Sql, held: number): Sql {
    return sql`ifNull(${this.emit(this.steps[k]!.condition, this.scope(state, held))}, false)`;
  }

  fold(list: Sql): Sql {
    const n = this.steps.length;
    const outs = this.outsType();
    const type = tupleType(['Int64', ...this.steps.map((_, k) => this.stateType(k)), outs]);
    const start = tuple([sql`0`, ...this.steps.map((_, k) => this.empty(k)), sql`[]`]);
    const fresh = sql`(tupleElement(${this.stateOf(0)}, 1) = 0)`;
    const next: Sql[] = [];
    const put: Sql[] = [];
    let started: Sql = sql`0`;
    // Whether step k + 1 takes the state of step k over.
    let taken: Sql | undefined;
    for (let k = n - 1; k >= 0; k--) {
      const mine = taken ? sql`if(${taken}, ${this.empty(k)}, ${this.stateOf(k)})` : this.stateOf(k);
      const before = k > 0 ? this.stateOf(k - 1) : undefined;
      const promoted = before && this.promoted(before, k);
      const first = before ? sql`((${element(before, 1)} = 1) AND ${this.holds(k, before, k - 1)})` : undefined;
      const active = k === 0 ? this.holds(k, mine, k) : sql`((${element(mine, 1)} = 1) AND ${this.holds(k, mine, k)})`;
      const matched = first ? sql`(${first} OR ${active})` : active;
      const base = first ? sql`if(${first}, ${promoted!}, ${mine})` : mine;
      const id = k === 0 ? sql`if(${element(mine, 1)} = 1, ${element(mine, 2)}, ${element(acc, 1)})` : element(base, 2);
      const scope = this.scope(base, k);
      const values = new Map(this.steps[k]!.assignments.map((a) => [a.name, this.emit(a.expr, scope)] as const));
      const assigned = (c: Column) => values.get(c.name) ?? scope.get(c.name)!.sql;
      const remembered = sql`CAST(${tuple([sql`1`, ...this.remembered.map(assigned)])}, ${text(this.rowState())})`;
      const rows = [...Array.from({ length: k }, (_, i) => element(base, 4 + i)), remembered];
      const state = sql`CAST(${tuple([sql`1`, id, sql`toInt64(${at})`, ...rows])}, ${text(this.stateType(k))})`;
      next.unshift(sql`if(${matched}, ${state}, ${mine})`);
      const { output } = this.steps[k]!;
      if (output === 'all') {
        const line = tuple([sql`toInt64(${at})`, number(k), id, ...this.declared.map(assigned)]);
        put.push(sql`if(${matched}, [CAST(${line}, ${text(this.outType())})], CAST([], ${text(outs)}))`);
      } else if (output === 'last') {
        // The sequence ends here for this step: the next one takes it over, or another one comes in its place.
        const was = this.stateOf(k);
        const ends = [taken, first].filter((x) => x !== undefined);
        if (ends.length)
          put.push(
            sql`if((${element(was, 1)} = 1) AND (${joinSql(ends, ' OR ')}), [${this.lastLine(was, k)}], CAST([], ${text(outs)}))`,
          );
      }
      if (k === 0) started = sql`toInt64(${matched} AND (${taken ? sql`(${taken} OR ${fresh})` : fresh}))`;
      taken = first;
    }
    const outAt = 2 + n;
    const collected = put.length
      ? sql`arrayConcat(${joinSql([element(acc, outAt), ...put], ', ')})`
      : element(acc, outAt);
    const body = sql`CAST(${tuple([sql`${element(acc, 1)} + ${started}`, ...next, collected])}, ${text(type)})`;
    const folded = this.chunked(list, body, sql`CAST(${start}, ${text(type)})`, type, outAt);
    const lasts = this.steps.flatMap((s, k) => (s.output === 'last' ? [k] : []));
    if (lasts.length === 0) return element(folded, outAt);
    const end = lasts.map((k) => {
      const state = this.stateOf(k);
      return sql`if(${element(state, 1)} = 1, [${this.lastLine(state, k)}], CAST([], ${text(outs)}))`;
    });
    const all = sql`arrayConcat(${joinSql([element(acc, outAt), ...end], ', ')})`;
    return Sql.of(`arrayMap(${acc.text} -> ${all.text}, [${folded.text}])[1]`, true);
  }

  /**
   * Each turn of a fold copies what it carries. So the rows that came out are carried within chunks of about the square root
   * of all rows, and a fold over the chunks puts them together.
   */
  private chunked(list: Sql, body: Sql, start: Sql, type: string, outAt: number): Sql {
    const carried = (of: Sql, outs: Sql) =>
      sql`CAST(${tuple([...Array.from({ length: outAt - 1 }, (_, i) => element(of, i + 1)), outs])}, ${text(type)})`;
    const places = sql`arrayMap(scan_i -> scan_i + (scan_chunk_at - 1) * scan_size, arrayEnumerate(scan_chunk))`;
    const none = sql`CAST([], ${text(this.outsType())})`;
    const inner = sql`arrayFold((${acc}, ${row}, ${at}) -> ${body}, scan_chunk, ${places}, ${carried(sofar, none)})`;
    const added = sql`arrayConcat(${element(sofar, outAt)}, ${element(part, outAt)})`;
    const next = sql`arrayMap(${part} -> ${carried(part, added)}, [${inner}])[1]`;
    const chunks = sql`arrayMap(scan_k -> arraySlice(${list}, scan_k * scan_size + 1, scan_size), range(intDiv(length(${list}) + scan_size - 1, scan_size)))`;
    const outer = sql`arrayFold((${sofar}, scan_chunk, scan_chunk_at) -> ${next}, scan_chunks, arrayEnumerate(scan_chunks), ${start})`;
    const withChunks = sql`arrayMap(scan_chunks -> ${outer}, [${chunks}])[1]`;
    return Sql.of(sql`arrayMap(scan_size -> ${withChunks}, [toUInt64(ceil(sqrt(length(${list})))) + 1])[1]`.text, true);
  }

  /** What comes out of a step when its sequence ends: the row that matched it last. */
  private lastLine(state: Sql, k: number): Sql {
    const held = this.remembered.length - this.declared.length;
    const values = this.declared.map((_, i) => element(element(state, 4 + k), 2 + held + i));
    return sql`CAST(${tuple([element(state, 3), number(k), element(state, 2), ...values])}, ${text(this.outType())})`;
  }

  private promoted(before: Sql, k: number): Sql {
    const rows = Array.from({ length: k }, (_, i) => element(before, 4 + i));
    const parts = [element(before, 1), element(before, 2), element(before, 3), ...rows, this.nothing()];
    return sql`CAST(${tuple(parts)}, ${text(this.stateType(k))})`;
  }
}

const stateName = (step: number, column: string): string => `${step}\0${column}`;
