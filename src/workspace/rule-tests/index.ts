import { resolve } from 'node:path';
import { DiagnosticError, renderDiagnostic } from '../../base/index.js';
import type { AnalyticRule } from '../../content/index.js';
import { isTestFile, kindOfTests, readTestDocument, testFiles } from '../test-files.js';
import { type BranchCoverage, Coverage, type StepCoverage } from './coverage.js';
import { RuleLab } from './lab.js';
import { type RuleTestResult, ruleOf, runCase } from './run.js';
import { type ReadCase, type ReadTest, readRuleTest } from './test-file.js';

export type { Diff, Failure } from './compare.js';
export type { BranchCoverage, StepCoverage } from './coverage.js';
export type { RuleTestResult } from './run.js';
export { ruleTestJsonSchema } from './schema.js';

export interface RuleTestOptions {
  /** Content folder of the workspace; its rules and functions may be named. */
  readonly contentDir?: string | undefined;
  /** Also counts which steps and branches the cases went through. */
  readonly coverage?: boolean | undefined;
  /** Only the tests that changes of these files, since the run before, may mean: a test file, a rule, or all for anything else. */
  readonly changed?: readonly string[] | undefined;
  readonly onCase?: ((done: number, cases: number) => void) | undefined;
}

/** What the cases of one rule went through. */
export interface RuleCoverage {
  readonly rule: string;
  readonly file: string;
  readonly steps: readonly StepCoverage[];
  readonly branches: readonly BranchCoverage[];
}

export interface RuleTestReport {
  readonly passed: number;
  readonly failed: number;
  readonly tests: readonly RuleTestResult[];
  readonly coverage?: readonly RuleCoverage[] | undefined;
}

/** Tests of rules over an engine that stays, so that they can be run again and again. */
export interface RuleTester {
  /**
   * Runs the cases of the test files among the paths and in folders; the path of a rule stands for the file beside it.
   * A file that cannot be read is one failed test. Errors CLI6002 a path that cannot be read.
   */
  run(options?: Omit<RuleTestOptions, 'contentDir'>): Promise<RuleTestReport>;
  close(): Promise<void>;
}

/** Cases that run at the same time: while one waits for the engine another is compiled. */
const CONCURRENCY = 3;

export async function openRuleTester(paths: readonly string[], contentDir?: string): Promise<RuleTester> {
  const content = paths.map((path) => path.replace(/\.test(\.ya?ml)$/, '$1'));
  const lab = await RuleLab.open(content, contentDir);
  const testsOfRule = new Map<string, Set<string>>();
  return {
    run: async ({ changed, ...options } = {}) => {
      const meant = changed?.map((file) =>
        isTestFile(file) ? [resolve(file)] : [...(testsOfRule.get(resolve(file)) ?? [])],
      );
      const isNarrow = meant?.every((tests) => tests.length > 0) ?? false;
      // Functions are bound again, which is slow, only when one may have changed.
      if (!isNarrow) lab.forget();
      const files = (await testFiles(paths)).filter((file) => !isNarrow || meant?.flat().includes(resolve(file)));
      return runAll(lab, files, options, (rule, test) => {
        const known = testsOfRule.get(resolve(rule.source.name)) ?? new Set();
        testsOfRule.set(resolve(rule.source.name), known.add(resolve(test.file)));
      });
    },
    close: () => lab.close(),
  };
}

/** Runs the tests once. */
export async function testRules(paths: readonly string[], options: RuleTestOptions = {}): Promise<RuleTestReport> {
  const tester = await openRuleTester(paths, options.contentDir);
  try {
    return await tester.run(options);
  } finally {
    await tester.close();
  }
}

interface Job {
  readonly test: ReadTest;
  readonly rule: AnalyticRule;
  readonly each: ReadCase;
  readonly coverage: Coverage | undefined;
}

async function runAll(
  lab: RuleLab,
  files: readonly string[],
  options: Pick<RuleTestOptions, 'coverage' | 'onCase'>,
  onRule: (rule: AnalyticRule, test: ReadTest) => void,
): Promise<RuleTestReport> {
  const results: (RuleTestResult | undefined)[] = [];
  const jobs: { readonly place: number; readonly job: Job }[] = [];
  const coverages: Coverage[] = [];
  for (const file of files) {
    try {
      const document = await readTestDocument(file);
      if (kindOfTests(document) !== 'rule') continue;
      const test = readRuleTest(document);
      const rule = await ruleOf(lab, test);
      onRule(rule, test);
      const coverage = options.coverage ? new Coverage(rule) : undefined;
      if (coverage) coverages.push(coverage);
      for (const each of test.cases)
        jobs.push({ place: results.push(undefined) - 1, job: { test, rule, each, coverage } });
    } catch (error) {
      results.push(unreadable(file, error));
    }
  }
  let done = 0;
  const next = jobs[Symbol.iterator]();
  const work = async () => {
    for (const { place, job } of next) {
      results[place] = await runCase(lab, job.test, job.rule, job.each, job.coverage);
      options.onCase?.(++done, jobs.length);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  const tests = results.filter((result) => result !== undefined);
  const passed = tests.filter((test) => test.passed).length;
  const coverage = coverages.map(({ rule, steps, branches }) => ({
    ...{ rule: rule.name, file: rule.source.name, steps: [...steps.values()], branches: [...branches.values()] },
  }));
  return { passed, failed: tests.length - passed, tests, ...(options.coverage ? { coverage } : {}) };
}

function unreadable(file: string, error: unknown): RuleTestResult {
  if (!(error instanceof DiagnosticError)) throw error;
  return {
    ...{ file, line: 1, rule: '', name: 'the file', passed: false, durationMs: 0 },
    failures: error.diagnostics.map((d) => ({ what: 'error', message: renderDiagnostic(d) })),
  };
}
