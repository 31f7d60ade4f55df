import {
  type ColumnRef,
  columnsRead,
  type Expr,
  expressionsOf,
  type Join,
  mapExpr,
  mapExpressions,
  memoised,
  type Rel,
  type Shared,
} from '../ir/index.js';
import type { Column } from '../tables/index.js';
import type { Rewrite } from './rewrite.js';

/** Leaves out columns that nobody reads, down to the scans. */
export const pruneColumns: Rewrite = {
  name: 'prune-columns',
  reason:
    'CommonSecurityLog has 163 columns; a view that computes them all for a query that reads three is slow to plan and run',
  apply(root) {
    const pruner = new Pruner(root);
    return ordered(pruner.run(root, new Set(root.columns.map((c) => c.name))), root.columns);
  },
};

/** What is asked of a shared relation is known only after all its users were seen, so there are two passes. */
class Pruner {
  private readonly asked = new Map<Shared, Set<string>>();
  private readonly made = new Map<Shared, Rel>();
  private readonly scalars = new Map<Rel, Rel>();

  constructor(root: Rel) {
    // Asking grows monotonically; a shared relation inside another one needs the outer one's final answer.
    let before = -1;
    for (let size = 0; size !== before; ) {
      before = size;
      this.made.clear();
      this.scalars.clear();
      this.visit(root, new Set(root.columns.map((c) => c.name)));
      size = [...this.asked.values()].reduce((n, s) => n + s.size, 0);
    }
  }

  run(rel: Rel, needed: ReadonlySet<string>): Rel {
    this.made.clear();
    this.scalars.clear();
    return this.visit(rel, needed);
  }

  private visit(rel: Rel, needed: ReadonlySet<string>): Rel {
    return this.prune(this.subqueries(rel), needed);
  }

  private subqueries(rel: Rel): Rel {
    const inside = (e: Expr): Expr =>
      mapExpr(e, (x) => {
        if (x.kind !== 'ScalarSubquery' && x.kind !== 'InSubquery') return x;
        const first = x.rel.columns[0]!;
        const rel = memoised(this.scalars, x.rel, (r) => only(this.visit(r, new Set([first.name])), first));
        return { ...x, rel };
      });
    return expressionsOf(rel).length ? mapExpressions(rel, inside) : rel;
  }

  private prune(rel: Rel, needed: ReadonlySet<string>): Rel {
    const keep = (columns: readonly Column[]) => columns.filter((c) => needed.has(c.name));
    switch (rel.kind) {
      case 'Scan':
        return { ...rel, columns: keep(rel.columns) };
      case 'Values': {
        if (rel.columns.length === 0) return rel;
        const kept = rel.columns.map((c, i) => ({ c, i })).filter(({ c }) => needed.has(c.name));
        const some = kept.length ? kept : [{ c: rel.columns[0]!, i: 0 }];
        return { ...rel, columns: some.map((k) => k.c), rows: rel.rows.map((r) => some.map((k) => r[k.i]!)) };
      }
      case 'Range':
        return rel;
      case 'Filter': {
        const input = this.visit(rel.input, union(needed, columnsRead([rel.predicate])));
        return { ...rel, input, columns: input.columns };
      }
      case 'Project': {
        const items = rel.items.filter((i) => needed.has(i.name));
        const input = this.visit(rel.input, columnsRead(items.map((i) => i.expr)));
        return { ...rel, input, items, columns: keep(rel.columns) };
      }
      case 'Aggregate': {
        const asked = rel.calls.filter((c) => needed.has(c.name));
        // Without keys and calls the one row would become as many as there are.
        const calls = asked.length === 0 && rel.keys.length === 0 ? rel.calls.slice(0, 1) : asked;
        const exprs = [...rel.keys.map((k) => k.expr), ...calls.flatMap((c) => c.call.args)];
        const input = this.visit(rel.input, columnsRead(exprs));
        const names = new Set([...rel.keys.map((k) => k.name), ...calls.map((c) => c.name)]);
        return { ...rel, input, calls, columns: rel.columns.filter((c) => names.has(c.name)) };
      }
      case 'Join': {
        const wanted = rel.columns.map((c, i) => ({ c, o: rel.output[i]! })).filter(({ c }) => needed.has(c.name));
        const of = (side: 'left' | 'right') =>
          union(
            new Set(wanted.filter((w) => w.o.side === side).map((w) => w.o.column)),
            columnsRead(rel.keys.map((k) => k[side])),
          );
        if (onlyExtends(rel, wanted.length > 0 && wanted.every((w) => w.o.side === 'left'))) {
          const left = this.visit(rel.left, new Set(wanted.map((w) => w.o.column)));
          return renamed(left, wanted);
        }
        return {
          ...rel,
          left: this.visit(rel.left, of('left')),
          right: this.visit(rel.right, of('right')),
          columns: wanted.map((w) => w.c),
          output: wanted.map((w) => w.o),
        };
      }
      case 'Union': {
        // Legs are matched by position, so all must keep the same columns, by the union's names.
        const kept = keep(rel.columns);
        const some = kept.length ? kept : rel.columns.slice(0, 1);
        const inputs = rel.inputs.map((input) => {
          const positions = some.map((c) => input.columns[rel.columns.indexOf(c)]!);
          return ordered(this.visit(input, new Set(positions.map((c) => c.name))), positions);
        });
        return { ...rel, inputs, columns: some };
      }
      case 'Sort': {
        const input = this.visit(rel.input, union(needed, columnsRead(rel.by.map((b) => b.expr))));
        return { ...rel, input, columns: input.columns };
      }
      case 'Limit': {
        const input = this.visit(rel.input, union(needed, new Set(rel.per ?? [])));
        return { ...rel, input, columns: input.columns };
      }
      case 'Expand': {
        const own = new Set(rel.items.map((i) => i.name));
        const passed = new Set([...needed].filter((n) => !own.has(n)));
        const input = this.visit(rel.input, union(passed, columnsRead(expressionsOf(rel))));
        return { ...rel, input, columns: rel.columns.filter((c) => needed.has(c.name)) };
      }
      case 'Window': {
        const items = rel.items.filter((i) => needed.has(i.name));
        const own = new Set(rel.items.map((i) => i.name));
        const exprs = [...items.flatMap((i) => i.call.args), ...(rel.partitionBy ?? [])];
        const passed = new Set([...needed].filter((n) => !own.has(n)));
        const input = this.visit(rel.input, union(passed, columnsRead(exprs)));
        const kept = items.map((i) => rel.columns.find((c) => c.name === i.name)!);
        return { ...rel, input, items, columns: [...input.columns, ...kept] };
      }
      case 'Steps': {
        const own = rel.declared.map((d) => d.column.name);
        const kept = new Set([...needed, ...own, ...(rel.matchId ? [rel.matchId] : [])]);
        const read = union(columnsRead(expressionsOf(rel)), new Set(rel.per));
        const input = this.visit(rel.input, union(needed, read));
        const passed = new Set(input.columns.map((c) => c.name));
        return { ...rel, input, columns: rel.columns.filter((c) => kept.has(c.name) || passed.has(c.name)) };
      }
      case 'Hosted': {
        // The operation knows its columns by their place.
        const { columns } = rel.input;
        return { ...rel, input: ordered(this.visit(rel.input, new Set(columns.map((c) => c.name))), columns) };
      }
      case 'Shared': {
        const asked = this.asked.get(rel) ?? new Set<string>();
        for (const n of needed) asked.add(n);
        this.asked.set(rel, asked);
        let made = this.made.get(rel);
        if (!made) {
          const input = this.visit(rel.input, asked);
          made = { ...rel, input, columns: input.columns };
          this.made.set(rel, made);
        }
        return made;
      }
    }
  }
}

const union = (a: ReadonlySet<string>, b: ReadonlySet<string>): Set<string> => new Set([...a, ...b]);

/** Exactly these columns, in this order. */
function ordered(rel: Rel, columns: readonly Column[]): Rel {
  if (rel.columns.length === columns.length && rel.columns.every((c, i) => c.name === columns[i]!.name)) return rel;
  return {
    kind: 'Project',
    input: rel,
    items: columns.map((c) => ({ name: c.name, expr: { kind: 'Column', type: c.type, name: c.name } })),
    columns,
  };
}

/** A left join that adds nothing: none of its right columns is read, and no left row has two matches. */
function onlyExtends(rel: Join, leftOnly: boolean): boolean {
  if (rel.joinKind !== 'leftouter' || !leftOnly) return false;
  const names = rel.keys.map((k) => (k.right.kind === 'Column' ? k.right.name : undefined));
  return names.every((n) => n !== undefined) && isUnique(rel.right, names as string[]);
}

/** Whether no two rows agree in these columns, as far as the query itself tells. */
function isUnique(rel: Rel, names: readonly string[]): boolean {
  switch (rel.kind) {
    case 'Values': {
      const positions = names.map((n) => rel.columns.findIndex((c) => c.name === n));
      const keys = rel.rows.map((r) => positions.map((p) => `${typeof r[p]?.value} ${r[p]?.value}`).join('\0'));
      return new Set(keys).size === keys.length;
    }
    case 'Aggregate':
      return rel.keys.every((k) => names.includes(k.name));
    case 'Filter':
    case 'Sort':
    case 'Limit':
    case 'Shared':
      return isUnique(rel.input, names);
    case 'Project': {
      const inner = names.map((n) => rel.items.find((i) => i.name === n)?.expr);
      return (
        inner.every((e) => e?.kind === 'Column') &&
        isUnique(
          rel.input,
          inner.map((e) => (e as ColumnRef).name),
        )
      );
    }
    default:
      return false;
  }
}

function renamed(left: Rel, wanted: readonly { c: Column; o: { column: string } }[]): Rel {
  const same = wanted.every((w) => w.c.name === w.o.column);
  if (same) return left;
  return {
    kind: 'Project',
    input: left,
    items: wanted.map((w) => ({ name: w.c.name, expr: { kind: 'Column', type: w.c.type, name: w.o.column } })),
    columns: wanted.map((w) => w.c),
  };
}

const only = (rel: Rel, column: Column): Rel => ordered(rel, [column]);
