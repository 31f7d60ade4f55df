import { fail } from '../base/index.js';
import {
  type Aggregate,
  type AggregateCall,
  type Call,
  call,
  column,
  columnsRead,
  type Expr,
  expressionsOf,
  type Filter,
  mapExpressions,
  type NamedExpr,
  type Project,
  type Rel,
  type Window,
} from '../ir/index.js';
import type { Column, KqlType } from '../tables/index.js';
import type { Context } from './context.js';
import { freshName, passOn, project } from './rel-helpers.js';
import { isSerialized } from './serialized.js';

const names = new Set([
  'prev',
  'next',
  'row_number',
  'row_cumsum',
  'row_rank',
  'row_rank_dense',
  'row_rank_min',
  'row_window_session',
]);

const holdsWindow = (e: Expr): boolean => e.kind === 'Call' && (names.has(e.name) || e.args.some(holdsWindow));

/**
 * Takes the functions over ordered rows out of the expressions of a node: they become columns of Window nodes below it.
 * Inside mv-apply and partition they work within the groups.
 */
export function windowed(rel: Project | Filter | Aggregate, cx: Context, serializes = false): Rel {
  if (!expressionsOf(rel).some(holdsWindow)) return rel;
  if (!cx.per?.length && !serializes && !isSerialized(rel.input, cx.session.serialized))
    fail('KQL1002', 'functions over neighbouring rows need rows in an order', {
      span: rel.span,
      hint: 'put sort, or serialize where any order will do, before this operator',
    });
  const lifter = new Lifter(rel.input, cx.per ?? []);
  const lifted = mapExpressions(rel, (e) => lifter.lift(e)) as Project | Filter | Aggregate;
  const result = { ...lifted, input: lifter.rel };
  if (result.kind !== 'Filter') return result;
  return project({ ...result, columns: lifter.rel.columns }, passOn(rel.input.columns), rel.span, true);
}

class Lifter {
  constructor(
    public rel: Rel,
    private readonly per: readonly Column[],
  ) {}

  lift(e: Expr): Expr {
    if (e.kind !== 'Call' || !holdsWindow(e)) return e;
    const lifted = { ...e, args: e.args.map((a) => this.lift(a)) };
    return names.has(e.name) ? this.window(lifted) : lifted;
  }

  private window(e: Call): Expr {
    switch (e.name) {
      case 'row_number':
        return this.add(e, e.args.slice(0, 1), this.segment(e.args[1]));
      case 'row_cumsum':
        return this.add(e, e.args.slice(0, 1), this.segment(e.args[1]));
      case 'row_rank':
      case 'row_rank_dense':
      case 'row_rank_min': {
        const changed = this.add({ ...e, name: 'row_changed', type: 'long' }, e.args.slice(0, 1), []);
        const within = this.segment(e.args[1]);
        if (e.name !== 'row_rank_min') return this.add(e, [changed], within);
        const place = this.add({ ...e, name: 'row_number', type: 'long' }, [], within);
        return this.add(e, [changed, place], within);
      }
      case 'row_window_session': {
        const [value, length, gap, restart] = e.args;
        const apart = this.add({ ...e, name: 'row_gap', type: 'bool' }, [value!, gap!], []);
        return this.add(e, [value!, length!], this.segment(restart ? call('or', 'bool', [apart, restart]) : apart));
      }
      default:
        return this.add(e, e.args, []);
    }
  }

  /** Rows between two restarts, as a column to partition by. */
  private segment(restart: Expr | undefined): readonly Expr[] {
    if (!restart || (restart.kind === 'Literal' && restart.value === false)) return [];
    return [this.add({ name: 'row_segment', type: 'long' }, [restart], [])];
  }

  /** A call as a column; the topmost Window takes it when it does not build on that one's own columns. */
  private add(of: Pick<AggregateCall, 'name' | 'type' | 'span'>, args: readonly Expr[], within: readonly Expr[]): Expr {
    const made: AggregateCall = { name: of.name, type: of.type as KqlType, args, span: of.span };
    const partitionBy = [...passOn(this.per).map((p: NamedExpr) => p.expr), ...within];
    const top = this.rel.kind === 'Window' && this.own.has(this.rel) ? this.rel : undefined;
    const same = top?.items.find((i) => equal([i.call, top.partitionBy ?? []], [made, partitionBy]));
    if (same) return column({ name: same.name, type: made.type });
    const name = freshName('row_value', this.rel.columns);
    const item = { name, call: made };
    const read = columnsRead([...args, ...within]);
    const joins = top && equal(top.partitionBy ?? [], partitionBy) && !top.items.some((i) => read.has(i.name));
    const window: Window = {
      kind: 'Window',
      input: joins ? top.input : this.rel,
      items: joins ? [...top.items, item] : [item],
      partitionBy,
      columns: [...this.rel.columns, { name, type: made.type }],
    };
    this.own.add(window);
    this.rel = window;
    return column({ name, type: made.type });
  }

  private readonly own = new Set<Window>();
}

const equal = (a: unknown, b: unknown): boolean => text(a) === text(b);
const text = (x: unknown): string =>
  JSON.stringify(x, (key, v) => (key === 'span' ? undefined : typeof v === 'bigint' ? `${v}n` : v));
