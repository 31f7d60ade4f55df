import { hostedFunction } from '../functions/index.js';
import {
  type Call,
  call,
  column,
  columnsRead,
  conjunction,
  conjunctsOf,
  type Expr,
  expressionsOf,
  type Hosted,
  isRepeatable,
  literal,
  mapExpr,
  mapExpressions,
  type NamedExpr,
  type Rel,
  rewriteRels,
} from '../ir/index.js';
import type { Column } from '../tables/index.js';

/**
 * Takes the calls of functions that run outside the engine out of all expressions. A call becomes a column: the distinct
 * tuples of its arguments go out, come back with the function's values, and join the rows that they were taken from. A call
 * that reads no column is a scalar subquery over one row.
 */
export function hostCalls(root: Rel): Rel {
  const constants = new Map<string, Rel>();
  const texts = new Texts();
  return rewriteRels(root, (rel) => {
    if (!expressionsOf(rel).some(holdsHosted)) return rel;
    const fixed = mapExpressions(rel, (e) => mapExpr(e, (x) => constant(x, constants, texts)));
    return expressionsOf(fixed).some(holdsHosted) ? withColumns(fixed, texts) : fixed;
  });
}

const hostedOf = (e: Expr): Call | undefined =>
  e.kind === 'Call' && hostedFunction(e.name) !== undefined ? e : undefined;
const holdsHosted = (e: Expr): boolean =>
  hostedOf(e) !== undefined ||
  (e.kind === 'Call' && e.args.some(holdsHosted)) ||
  (e.kind === 'InSubquery' && holdsHosted(e.value));
const varies = (e: Expr): boolean => e.kind === 'Call' && (/^(rand|new_guid)$/.test(e.name) || e.args.some(varies));

const argColumns = (e: Call): Column[] => e.args.map((a, i) => ({ name: `arg_${i}`, type: a.type }));

function hostedCall(e: Call, args: Rel): Hosted {
  return {
    kind: 'Hosted',
    input: args,
    operation: { name: 'call', settings: { function: e.name } },
    columns: [...argColumns(e), { name: 'value', type: e.type }],
    span: e.span,
  };
}

/** 0.0 / 0.0 is a NaN with a sign, which would not meet the NaN that comes back. */
const oneNaN = (e: Expr): Expr =>
  e.type === 'real' ? call('iff', 'real', [call('isnan', 'bool', [e]), literal('real', Number.NaN), e]) : e;

function constant(x: Expr, known: Map<string, Rel>, texts: Texts): Expr {
  const e = hostedOf(x);
  if (!e || e.args.some(varies) || columnsRead(e.args).size > 0) return x;
  const key = texts.of(e);
  let rel = known.get(key);
  if (!rel) {
    const columns = argColumns(e);
    const row: Rel = { kind: 'Values', columns: [], rows: [[]] };
    const items = e.args.map((expr, i) => ({ name: columns[i]!.name, expr }));
    const answer = hostedCall(e, { kind: 'Project', input: row, items, columns });
    const value: Column = { name: 'value', type: e.type };
    rel = { kind: 'Project', input: answer, items: [{ name: 'value', expr: column(value) }], columns: [value] };
    known.set(key, rel);
  }
  return { kind: 'ScalarSubquery', type: e.type, rel, span: e.span };
}

/** The node over inputs that have a column for each call. */
function withColumns(rel: Rel, texts: Texts): Rel {
  switch (rel.kind) {
    case 'Join': {
      const left = new Lift(rel.left, texts);
      const right = new Lift(rel.right, texts);
      const keys = rel.keys.map((k) => ({ left: left.lift(k.left), right: right.lift(k.right) }));
      return { ...rel, keys, left: left.rel, right: right.rel };
    }
    case 'Filter': {
      // Cheap conditions first: the function then sees fewer rows.
      const parts = conjunctsOf(rel.predicate);
      const cheap = parts.filter((p) => !holdsHosted(p));
      const input: Rel =
        cheap.length > 0
          ? { kind: 'Filter', input: rel.input, predicate: conjunction(cheap), columns: rel.input.columns }
          : rel.input;
      const lift = new Lift(input, texts);
      const predicate = conjunction(parts.filter(holdsHosted).map((p) => lift.lift(p)));
      return only({ ...rel, input: lift.rel, predicate, columns: lift.rel.columns }, rel.columns);
    }
    case 'Sort':
    case 'Limit':
    case 'Window': {
      const lift = new Lift(rel.input, texts);
      const lifted = mapExpressions(rel, (e) => lift.lift(e));
      const added = lift.rel.columns.filter((c) => !rel.columns.some((k) => k.name === c.name));
      const over: Rel = { ...(lifted as typeof rel), input: lift.rel, columns: [...rel.columns, ...added] };
      return only(over, rel.columns);
    }
    case 'Project':
    case 'Aggregate':
    case 'Expand': {
      const lift = new Lift(rel.input, texts);
      const lifted = mapExpressions(rel, (e) => lift.lift(e)) as typeof rel;
      return { ...lifted, input: lift.rel } as Rel;
    }
    default:
      return rel;
  }
}

const only = (input: Rel, columns: readonly Column[]): Rel => ({
  kind: 'Project',
  input,
  items: columns.map((c): NamedExpr => ({ name: c.name, expr: column(c) })),
  columns,
});

/** Replaces calls by columns and joins the columns to the rows. */
class Lift {
  private readonly known = new Map<string, Column>();
  private joined: Rel;
  private place: Column | undefined;

  constructor(
    private readonly input: Rel,
    private readonly texts: Texts,
  ) {
    this.joined = input;
  }

  /** The rows with the columns of the calls, in their order when they had one. */
  get rel(): Rel {
    if (!this.place) return this.joined;
    const by = [{ expr: column(this.place), descending: false, nullsFirst: false }];
    return { kind: 'Sort', input: this.joined, by, columns: this.joined.columns };
  }

  lift(e: Expr): Expr {
    return mapExpr(e, (x) => {
      const found = hostedOf(x);
      return found ? this.columnOf(found) : x;
    });
  }

  private columnOf(e: Call): Expr {
    const key = this.texts.of(e);
    let added = this.known.get(key);
    if (!added) {
      added = { name: this.fresh('hosted'), type: e.type };
      this.join(e, added);
      this.known.set(key, added);
    }
    return column(added, e.span);
  }

  /**
   * The rows are read twice: for the arguments and for the join. Where reading again could give others they are kept. An
   * inner join loses none of them, as every argument came back; a row that was stored in between is not seen at all.
   */
  private join(e: Call, added: Column): void {
    this.number();
    let rows = this.joined;
    let args = e.args;
    if (!args.every(isRepeatable)) {
      const computed = args.map((expr, i) => ({ name: this.fresh(`arg_${i}`), expr }));
      const items = [...rows.columns.map((c) => ({ name: c.name, expr: column(c) as Expr })), ...computed];
      const columns = items.map((i): Column => ({ name: i.name, type: i.expr.type }));
      rows = { kind: 'Project', input: rows, items, columns };
      args = computed.map((c) => column({ name: c.name, type: c.expr.type }));
    }
    if (!readsAgain(rows)) rows = { kind: 'Shared', name: 'rows', input: rows, columns: rows.columns };
    const columns = argColumns(e);
    const keyed = args
      .map((expr, i) => ({ expr: oneNaN(expr), column: columns[i]! }))
      .filter((k) => columnsRead([k.expr]).size > 0);
    const distinct: Rel = {
      kind: 'Aggregate',
      input: rows,
      keys: keyed.map((k) => ({ name: k.column.name, expr: k.expr })),
      calls: [],
      columns: keyed.map((k) => k.column),
    };
    const isKey = (c: Column) => keyed.some((k) => k.column === c);
    const items = columns.map((c, i) => ({ name: c.name, expr: isKey(c) ? column(c) : args[i]! }));
    const tuples: Rel = { kind: 'Project', input: distinct, items, columns };
    const before = this.joined.columns;
    this.joined = {
      kind: 'Join',
      joinKind: 'inner',
      left: rows,
      right: hostedCall(e, tuples),
      keys: keyed.map((k) => ({ left: k.expr, right: column(k.column) })),
      output: [
        ...before.map((c) => ({ side: 'left' as const, column: c.name })),
        { side: 'right' as const, column: 'value' },
      ],
      columns: [...before, added],
    };
  }

  /** Sorted rows get a number to be put back into their order by: a join does not keep it. */
  private number(): void {
    if (this.place || !isSorted(this.input)) return;
    this.place = { name: this.fresh('place'), type: 'long' };
    const rowId = { name: 'row_id', type: 'long' as const, args: [] };
    this.joined = {
      kind: 'Window',
      input: this.joined,
      items: [{ name: this.place.name, call: rowId }],
      columns: [...this.joined.columns, this.place],
    };
  }

  private fresh(base: string): string {
    const taken = new Set([...this.input.columns, ...this.joined.columns].map((c) => c.name));
    for (let i = taken.size; ; i++) if (!taken.has(`${base}__${i}`)) return `${base}__${i}`;
  }
}

/** Whether reading the rows again gives the same ones and costs about as much as keeping them. */
function readsAgain(rel: Rel): boolean {
  switch (rel.kind) {
    case 'Scan':
    case 'Values':
    case 'Range':
    case 'Shared':
      return true;
    case 'Filter':
    case 'Project':
      return expressionsOf(rel).every((e) => conjunctsOf(e).every(readsSame)) && readsAgain(rel.input);
    case 'Union':
      return rel.inputs.every(readsAgain);
    default:
      return false;
  }
}

/** A set of keys is a relation that is kept. */
const readsSame = (e: Expr): boolean =>
  isRepeatable(e) || (e.kind === 'InSubquery' && e.rel.kind === 'Shared' && isRepeatable(e.value));

function isSorted(rel: Rel): boolean {
  switch (rel.kind) {
    case 'Sort':
      return true;
    case 'Filter':
    case 'Project':
    case 'Limit':
    case 'Expand':
    case 'Window':
    case 'Shared':
      return isSorted(rel.input);
    default:
      return false;
  }
}

/** Texts of expressions for comparison: spans do not count, and a relation is itself only. */
class Texts {
  private readonly ids = new Map<unknown, number>();

  of(e: Expr): string {
    return JSON.stringify(e, (key, value) => {
      if (key === 'span') return undefined;
      if (key === 'rel') {
        if (!this.ids.has(value)) this.ids.set(value, this.ids.size);
        return this.ids.get(value);
      }
      return typeof value === 'bigint' ? `${value}n` : value;
    });
  }
}
