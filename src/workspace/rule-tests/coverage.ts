import { DiagnosticError, positionAt } from '../../base/index.js';
import type { AnalyticRule } from '../../content/index.js';
import { windowOf } from '../../detect/index.js';
import { call, conjunction, type Expr, expressionsOf, inputsOf, literal, type Rel } from '../../ir/index.js';
import type { ExplainRunner, Plan } from '../../query/index.js';

/** What the cases of a rule ever did to one operator of its query. */
export interface StepCoverage {
  readonly id: string;
  readonly line: number;
  /** Whether it can stop rows: filters and joins that drop. */
  readonly canStop: boolean;
  /** Cases in which rows came out. */
  passed: number;
  /** Cases in which rows went in and none came out. */
  stopped: number;
}

/** One way through a `case` or `iff`. */
export interface BranchCoverage {
  readonly step: string;
  readonly line: number;
  /** The condition in the query's words, or `else`. */
  readonly branch: string;
  readonly call: string;
  /** Cases in which a row took it. */
  taken: number;
}

interface Branch {
  readonly rel: Rel;
  readonly key: string;
  readonly made: () => BranchCoverage;
}

type Step = Plan['steps'][number];

/** How many rows every step of the query has, and whatever else is asked about the steps. */
async function trace(
  rule: AnalyticRule,
  runner: ExplainRunner,
  at: number,
  branchesOf: (step: Step) => Branch[],
): Promise<{ steps: readonly Step[]; branches: readonly Branch[]; rowsOf: (rel: Rel) => number }> {
  const on = rule.kind === 'NRT' ? '_TimeReceived' : 'TimeGenerated';
  const plan = await runner.plan(rule.query, { at, window: { ...windowOf(rule, at), on }, source: rule.source });
  if (!plan.ok) throw new DiagnosticError(plan.diagnostics);
  const { steps, counts } = plan.value;
  const branches = steps.flatMap(branchesOf);
  const rels = [...new Set([...steps.flatMap((step) => [step.input, step.rel]), ...branches.map((b) => b.rel)])];
  const counted = await counts(rels);
  if (!counted.ok) throw new DiagnosticError(counted.diagnostics);
  const rows = new Map(rels.map((rel, i) => [rel, counted.value[i]!]));
  return { steps, branches, rowsOf: (rel) => rows.get(rel) ?? 0 };
}

/** The steps of a query, and the first that rows reach and none leaves: what `rule explain` says, without the why. */
export interface Stop {
  readonly steps: readonly { readonly id: string }[];
  readonly stoppedAt: string | undefined;
}

export async function stopOf(rule: AnalyticRule, runner: ExplainRunner, at: number): Promise<Stop> {
  return stopIn(await trace(rule, runner, at, () => []));
}

const stopIn = ({ steps, rowsOf }: Pick<Awaited<ReturnType<typeof trace>>, 'steps' | 'rowsOf'>): Stop => ({
  steps,
  stoppedAt: steps.find(({ input, rel }) => rowsOf(input) > 0 && rowsOf(rel) === 0)?.id,
});

/** Collects over the cases of one rule which steps and branches rows went through. */
export class Coverage {
  readonly steps = new Map<string, StepCoverage>();
  readonly branches = new Map<string, BranchCoverage>();

  constructor(readonly rule: AnalyticRule) {}

  /** Counts the rows of one case at every step and branch; where they stopped follows from it. */
  async add(runner: ExplainRunner, at: number): Promise<Stop> {
    const { steps, rowsOf, branches } = await trace(this.rule, runner, at, (step) => this.branchesOf(step));
    for (const { id, span, rel, input } of steps) {
      const made = { id, line: this.line(span.start), canStop: canStop(rel, input), passed: 0, stopped: 0 };
      const step = this.steps.get(id) ?? made;
      this.steps.set(id, step);
      if (rowsOf(rel) > 0) step.passed++;
      else if (rowsOf(input) > 0) step.stopped++;
    }
    for (const { key, made, rel } of branches) {
      const branch = this.branches.get(key) ?? made();
      this.branches.set(key, branch);
      if (rowsOf(rel) > 0) branch.taken++;
    }
    return stopIn({ steps, rowsOf });
  }

  private line(offset: number): number {
    const { source } = this.rule;
    return positionAt(source.text, source.map(offset)).line;
  }

  /** The ways through every `case` and `iff` of a step, each as the rows that take it. */
  private branchesOf(step: Step): Branch[] {
    const found: Branch[] = [];
    for (const { rel, input } of ownRelations(step.rel, step.input)) {
      for (const e of expressionsOf(rel)) this.visit(e, [], input, step.id, found);
    }
    return found;
  }

  private visit(e: Expr, guards: readonly Expr[], input: Rel, step: string, found: Branch[]): void {
    if (e.kind !== 'Call') return;
    const words = e.span ? this.rule.query.slice(e.span.start, e.span.end) : '';
    // What a stored function brings in stands in another text.
    if (!/^(iff|iif|case)\s*\(/.test(words) || !e.name.match(/^(iff|iif|case)$/)) {
      for (const arg of e.args) this.visit(arg, guards, input, step, found);
      return;
    }
    let before = guards;
    const conditions = e.args.slice(0, -1).filter((_, i) => i % 2 === 0);
    const ways = [...conditions, undefined].map((condition, i) => {
      if (condition) this.visit(condition, before, input, step, found);
      const taken = condition ? [...before, condition] : before;
      if (condition) before = [...before, isNotTrue(condition)];
      return { condition, value: condition ? e.args[2 * i + 1]! : e.args.at(-1)!, guards: taken };
    });
    for (const { condition, value, guards: way } of ways) {
      const key = `${step} ${e.span?.start} ${condition?.span?.start ?? 'else'}`;
      if (!found.some((known) => known.key === key)) {
        found.push({
          key,
          rel: way.length > 0 ? { kind: 'Filter', input, columns: input.columns, predicate: conjunction(way) } : input,
          made: () => ({
            ...{ step, line: this.line(e.span!.start), call: oneLine(words), taken: 0 },
            branch: condition?.span
              ? oneLine(this.rule.query.slice(condition.span.start, condition.span.end))
              : condition
                ? 'a condition'
                : 'else',
          }),
        });
      }
      this.visit(value, way, input, step, found);
    }
  }
}

const oneLine = (text: string) => text.replace(/\s+/g, ' ');

/** Null counts as false. */
const isNotTrue = (condition: Expr): Expr =>
  call('not', 'bool', [call('coalesce', 'bool', [condition, literal('bool', false)])]);

/** The relations that an operator made, each with the rows that it reads; right sides are steps of their own. */
function ownRelations(rel: Rel, input: Rel): { rel: Rel; input: Rel }[] {
  if (rel === input || rel.kind === 'Join' || rel.kind === 'Union') return [];
  const [below] = inputsOf(rel);
  return below ? [{ rel, input: below }, ...ownRelations(below, input)] : [];
}

const dropping = new Set(['inner', 'innerunique', 'leftsemi', 'rightsemi', 'leftanti', 'rightanti']);

function canStop(rel: Rel, input: Rel): boolean {
  if (rel === input) return false;
  if (rel.kind === 'Filter') return true;
  if (rel.kind === 'Join') return dropping.has(rel.joinKind);
  const [below] = inputsOf(rel);
  return below !== undefined && rel.kind !== 'Union' && canStop(below, input);
}
