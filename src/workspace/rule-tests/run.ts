import { DiagnosticError, fixedClock, renderDiagnostic } from '../../base/index.js';
import { type AnalyticRule, loadContent } from '../../content/index.js';
import { type Explanation, explainRule, runRule } from '../../detect/index.js';
import type { ExplainRunner } from '../../query/index.js';
import { CaseData } from './case-data.js';
import { compareRun, type Failure } from './compare.js';
import { type Coverage, type Stop, stopOf } from './coverage.js';
import type { RuleLab } from './lab.js';
import { pathBeside, type ReadCase, type ReadTest } from './test-file.js';

/** What became of one case. */
export interface RuleTestResult {
  readonly file: string;
  readonly line: number;
  /** Name of the rule; empty when the file could not be read. */
  readonly rule: string;
  readonly name: string;
  readonly passed: boolean;
  readonly durationMs: number;
  readonly failures: readonly Failure[];
  /** Where the rows of a case went that stayed silent and should not have, or stopped elsewhere. */
  readonly funnel?: Explanation | undefined;
}

/** The rule of a test file. Errors RUL3005, and those of its file. */
export async function ruleOf(lab: RuleLab, test: ReadTest): Promise<AnalyticRule> {
  const beside = test.rule === undefined ? test.file.replace(/\.test(\.ya?ml)$/, '$1') : pathBeside(test, test.rule);
  const isPath = test.rule === undefined || /\.ya?ml$/.test(test.rule);
  if (!isPath) return unwrapped(await (await lab.content()).rule(test.rule!));
  const loaded = await loadContent([beside]);
  const rules = loaded.files.flatMap((file) => (file.content?.type === 'rule' ? [file.content] : []));
  if (rules.length === 1) return rules[0]!;
  const errors = loaded.diagnostics.filter((d) => d.severity === 'error');
  const message = rules.length === 0 ? `${beside} holds no rule` : `${beside} holds several rules`;
  throw new DiagnosticError(errors.length > 0 ? errors : { code: 'RUL3005', severity: 'error', message });
}

function unwrapped<T>(result: { ok: true; value: T } | { ok: false; diagnostics: DiagnosticError['diagnostics'] }): T {
  if (!result.ok) throw new DiagnosticError(result.diagnostics);
  return result.value;
}

/** Runs one case over its own rows; nothing is stored. */
export async function runCase(
  lab: RuleLab,
  test: ReadTest,
  rule: AnalyticRule,
  each: ReadCase,
  coverage: Coverage | undefined,
): Promise<RuleTestResult> {
  const startedAt = performance.now();
  const failures: Failure[] = [];
  let funnel: Explanation | undefined;
  try {
    const data = await CaseData.of(test, each);
    failures.push(...data.problems.map((message): Failure => ({ what: 'data', message })));
    const runner = await lab.runner(test, data);
    const { at } = each;
    const run = await runRule(rule, {
      ...{ at, runner, store: lab.store, dryRun: true, clock: fixedClock(at) },
      functionsHash: await lab.functionsHash(rule.query),
    });
    const { resultCount, triggered, alerts, incidents, columns, rows, ...rest } = unwrapped(run);
    failures.push(...compareRun(each.expect, { resultCount, triggered, alerts, incidents, columns, rows, ...rest }));
    const { stoppedAt } = each.expect;
    const stop = await (coverage ? coverage.add(runner, at) : stoppedAt && stopOf(rule, runner, at));
    if (stoppedAt !== undefined && stop) failures.push(...compareStop(stoppedAt, stop));
    if (resultCount === 0 && failures.some(({ what }) => what !== 'data')) funnel = await explained(rule, at, runner);
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    failures.push({ what: 'error', message: error.diagnostics.map(renderDiagnostic).join('\n') });
  }
  const passed = failures.length === 0;
  return {
    ...{ file: test.file, line: each.line, rule: rule.name, name: each.name, passed, failures },
    durationMs: Math.round(performance.now() - startedAt),
    funnel: passed ? undefined : funnel,
  };
}

const explained = async (rule: AnalyticRule, at: number, runner: ExplainRunner) =>
  unwrapped(await explainRule(rule, { at, runner }));

function compareStop(wanted: string, { steps, stoppedAt }: Stop): Failure[] {
  if (stoppedAt === wanted) return [];
  const known = steps.some((step) => step.id === wanted);
  const ids = steps.map((step) => step.id).join(', ');
  const message = known
    ? stoppedAt
      ? `stopped at ${stoppedAt} instead of ${wanted}`
      : `no step stopped all rows; ${wanted} should have`
    : `there is no step ${wanted}; the steps are ${ids}`;
  return [{ what: 'stoppedAt', message }];
}
