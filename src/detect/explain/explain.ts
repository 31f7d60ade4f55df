import { failure, positionAt, type Result, type Span, success } from '../../base/index.js';
import type { AnalyticRule } from '../../content/index.js';
import { column, type Expr, type Join, literal, type Rel } from '../../ir/index.js';
import type { Cost, ExplainRunner } from '../../query/index.js';
import type { HiddenCount } from '../exclusions/index.js';
import { windowOf } from '../trigger.js';
import { filterRelaxations, joinRelaxations, type Relaxation } from './near-misses.js';
import { type SilentSource, scansOf, silentSources } from './sources.js';

/** One operator of the rule's query with the rows that reach it and leave it. */
export interface ExplainStep {
  /** `<operator>:<source>`, see `Step` of the lowering. */
  readonly id: string;
  readonly operator: string;
  /** Offsets in the query, and the line in the rule's file. */
  readonly span: Span;
  readonly line: number;
  readonly rowsIn: number;
  readonly rowsOut: number;
  /** Of a join: how many different keys each side has, and how many both. */
  readonly keys?: JoinKeys | undefined;
  /** To come from the tables to the rows that leave the step; undefined where it was not measured. */
  readonly cost?: Cost | undefined;
  /** Of the step that stopped the run: what would have let rows through. */
  readonly nearMisses?: readonly NearMiss[] | undefined;
}

export interface JoinKeys {
  readonly left: number;
  readonly right: number;
  readonly both: number;
  /** When the run stopped here because no key is on both sides: some keys of the left side, one value for each column. */
  readonly missing?: readonly (readonly unknown[])[] | undefined;
}

export interface NearMiss {
  readonly rows: number;
  /** `1 row would match if …`. */
  readonly text: string;
  /** Of a join: the keys of one such pair. */
  readonly example?: readonly unknown[] | undefined;
}

export interface Explanation {
  /** What exclusions of the rule hide of the rows that reach the end; left out when it has none. */
  readonly hidden?: readonly HiddenCount[] | undefined;
  readonly steps: readonly ExplainStep[];
  /** Result rows of the run. */
  readonly rows: number;
  /** Id of the first step with rows going in and none coming out; undefined when rows reach the end. */
  readonly stoppedAt?: string | undefined;
  /** Tables that the query reads and that have no row in the window; undefined when it was not asked for. */
  readonly silent?: readonly SilentSource[] | undefined;
}

export interface ExplainOptions {
  /** Nominal time of the run in milliseconds since the epoch. */
  readonly at: number;
  readonly runner: ExplainRunner;
  /** Also looks for silent sources and runs the query up to every step to measure it. */
  readonly isMeasured?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Milliseconds after which the rest of the steps go without a measure: each of them runs most of the query once more. */
const MEASURING_MS = 20_000;

/** A person compares a few by eye. */
const SHOWN_KEYS = 5;

/** Follows the rows of a rule's run through every operator of its query. Nothing is written. */
export async function explainRule(rule: AnalyticRule, options: ExplainOptions): Promise<Result<Explanation>> {
  const { at, runner, signal } = options;
  const window = windowOf(rule, at);
  const plan = await runner.plan(rule.query, { at, window, source: rule.source, signal });
  if (!plan.ok) return plan;
  const { steps: planned, result, counts, rows, cost } = plan.value;
  const joins = planned.flatMap((s) => (s.rel.kind === 'Join' ? [s.rel] : []));
  const rels = [...new Set([...planned.flatMap((s) => [s.input, s.rel]), result])];
  const keySets = joins.flatMap(joinKeySets);
  const scans = options.isMeasured ? scansOf(rels) : [];
  const counted = await counts([...rels, ...keySets, ...scans]);
  if (!counted.ok) return failure(counted.diagnostics);
  const rowsOf = new Map(rels.map((rel, i) => [rel, counted.value[i]!]));
  const keysOf = new Map(
    joins.map((join, i) => [join as Rel, counted.value.slice(rels.length + 3 * i, rels.length + 3 * i + 3)]),
  );
  const words = (e: Expr) => (e.span ? rule.query.slice(e.span.start, e.span.end).replace(/\s+/g, ' ') : e.kind);
  // A let, or a leg of a union, may well be empty in a run that has rows.
  const stopped =
    rowsOf.get(result) === 0 ? planned.find((s) => rowsOf.get(s.input)! > 0 && rowsOf.get(s.rel) === 0) : undefined;
  const near = stopped && (await nearMisses(stopped.rel));
  const missing = stopped?.rel.kind === 'Join' ? await missingKeys(stopped.rel) : undefined;
  const costs = options.isMeasured ? await measured() : undefined;
  const silent = options.isMeasured ? await silentOnes() : undefined;
  const steps = planned.map((step): ExplainStep => {
    const [left, right, both] = keysOf.get(step.rel) ?? [];
    return {
      id: step.id,
      operator: step.operator,
      span: step.span,
      line: positionAt(rule.source.text, rule.source.map(step.span.start)).line,
      rowsIn: rowsOf.get(step.input)!,
      rowsOut: rowsOf.get(step.rel)!,
      keys: left === undefined ? undefined : { left, right: right!, both: both!, ...(step === stopped && missing) },
      cost: costs?.get(step.rel),
      nearMisses: step === stopped ? near : undefined,
    };
  });
  return success({ steps, rows: rowsOf.get(result)!, stoppedAt: stopped?.id, silent });

  async function measured(): Promise<ReadonlyMap<Rel, Cost>> {
    const costs = new Map<Rel, Cost>();
    const end = performance.now() + MEASURING_MS;
    for (const { rel } of planned) {
      if (signal?.aborted || performance.now() > end) break;
      const answer = await cost(rel);
      if (answer.ok) costs.set(rel, answer.value);
    }
    return costs;
  }

  function silentOnes(): Promise<readonly SilentSource[]> {
    const first = rels.length + keySets.length;
    const tables = scans.filter((_, i) => counted.ok && counted.value[first + i] === 0).map((scan) => scan.table);
    return silentSources(tables, runner, at);
  }

  async function missingKeys(join: Join): Promise<Pick<JoinKeys, 'missing'> | undefined> {
    if (keysOf.get(join)?.[2] !== 0) return undefined;
    const [left] = joinKeySets(join);
    const answer = await rows({
      ...{ kind: 'Limit', input: left, columns: left.columns },
      count: literal('long', BigInt(SHOWN_KEYS)),
    });
    return answer.ok ? { missing: answer.value.rows } : undefined;
  }

  async function nearMisses(rel: Rel): Promise<NearMiss[]> {
    const relaxed: Relaxation[] =
      rel.kind === 'Join' ? joinRelaxations(rel, words) : rel.kind === 'Filter' ? filterRelaxations(rel, words) : [];
    const found: NearMiss[] = [];
    const counted = await counts(relaxed.map((r) => r.rel));
    if (!counted.ok) return [];
    for (const [i, r] of relaxed.entries()) {
      const n = counted.value[i]!;
      if (n === 0) continue;
      found.push({
        rows: n,
        text: sentence(n, r.text),
        example: r.rel.kind === 'Join' ? await example(r.rel) : undefined,
      });
    }
    const late = await outsideWindow();
    return late ? [...found, late] : found;
  }

  /** The same step over a window three times as long: rows just before or after it. */
  async function outsideWindow(): Promise<NearMiss | undefined> {
    const length = window.to - window.from;
    const wide = await runner.plan(rule.query, {
      at,
      window: { ...window, from: window.from - length, to: window.to + length },
      source: rule.source,
      signal,
    });
    if (!wide.ok) return undefined;
    const same = wide.value.steps.find((s) => s.id === stopped?.id);
    const n = same && (await wide.value.counts([same.rel]));
    if (!n?.ok || !n.value[0]) return undefined;
    return { rows: n.value[0], text: sentence(n.value[0], 'the window reached one period further back and ahead') };
  }

  async function example(join: Join): Promise<readonly unknown[] | undefined> {
    const key = join.keys[0]!;
    const columns = [key.left, key.right].flatMap((e) => columnIn(e));
    const names = join.columns.filter((_, i) => {
      const o = join.output[i]!;
      return columns.some((c) => c === o.column);
    });
    if (names.length === 0) return undefined;
    const limited: Rel = {
      kind: 'Limit',
      input: {
        kind: 'Project',
        input: join,
        items: names.map((c) => ({ name: c.name, expr: { kind: 'Column', ...c } })),
        columns: names,
      },
      count: literal('long', 1n),
      columns: names,
    };
    const answer = await rows(limited);
    return answer.ok ? answer.value.rows[0] : undefined;
  }
}

const sentence = (n: number, text: string) => `${n} ${n === 1 ? 'row' : 'rows'} would match if ${text}`;

function columnIn(e: Expr): string[] {
  if (e.kind === 'Column') return [e.name];
  return e.kind === 'Call' ? e.args.flatMap(columnIn) : [];
}

/** The different keys of the left side, of the right side, and those that both have. */
function joinKeySets(join: Join): [Rel, Rel, Rel] {
  const distinct = (rel: Rel, side: 'left' | 'right'): Rel => {
    const columns = join.keys.map((k, i) => ({ name: `key${i}`, type: k[side].type }));
    const keys = join.keys.map((k, i) => ({ name: `key${i}`, expr: k[side] }));
    return { kind: 'Aggregate', input: rel, keys, calls: [], columns };
  };
  const left = distinct(join.left, 'left');
  const right = distinct(join.right, 'right');
  const both: Rel = {
    kind: 'Join',
    joinKind: 'leftsemi',
    left,
    right,
    keys: left.columns.map((c, i) => ({ left: column(c), right: column(right.columns[i]!) })),
    columns: left.columns,
    output: left.columns.map((c) => ({ side: 'left', column: c.name })),
  };
  return [left, right, both];
}
