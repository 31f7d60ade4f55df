import pc from 'picocolors';
import type { Diff, Failure, RuleCoverage, RuleTestReport, RuleTestResult } from '../../workspace/index.js';
import { cellText, count, cut, table } from '../output.js';
import { funnelText } from './funnel.js';

/** One line a file, and everything about the cases that failed. */
export function ruleTestText({ passed, failed, tests, coverage }: RuleTestReport): string {
  const files = [...new Set(tests.map((test) => test.file))];
  const lines = files.map((file) => {
    const own = tests.filter((test) => test.file === file);
    const good = own.filter((test) => test.passed).length;
    const mark = good === own.length ? pc.green('✓') : pc.red('✗');
    return `${mark} ${own[0]!.rule || file} ${pc.dim(`${good} of ${count(own.length, 'case')}, ${file}`)}`;
  });
  const failures = tests.filter((test) => !test.passed).flatMap((test) => ['', failureText(test)]);
  const covered = coverage ? ['', ...coverage.map(coverageText)] : [];
  const verdict = `${count(passed + failed, 'case')}: ${failed === 0 ? 'all passed' : `${failed} failed`}`;
  const isGood = failed === 0 && passed > 0;
  return [...lines, ...failures, ...covered, '', (isGood ? pc.green : pc.red)(verdict)].join('\n');
}

function failureText({ file, line, name, failures, funnel }: RuleTestResult): string {
  const head = `${pc.red('✗')} ${pc.bold(name)} ${pc.dim(`${file}:${line}`)}`;
  const parts = failures.flatMap((failure) => [
    messageText(failure),
    ...(failure.diff ? [diffText(failure.diff)] : []),
  ]);
  return [head, ...[...parts, ...(funnel ? ['', funnelText(funnel)] : [])].map(indented)].join('\n');
}

const indented = (text: string) => text.replace(/^(?=.)/gm, '    ');

const messageText = ({ what, message }: Failure) => (what === 'error' ? message : pc.red(message));

const SHOWN_THINGS = 20;
const CELL_WIDTH = 50;
const colours = { '=': pc.dim, '-': pc.red, '+': pc.green } as const;

/** Expected (`-`) and actual (`+`) side by side; as lists where a value would not fit into a column. */
function diffText({ columns, rows }: Diff): string {
  const shown = rows.slice(0, SHOWN_THINGS);
  const more = rows.length > shown.length ? [pc.dim(`and ${rows.length - shown.length} more`)] : [];
  const isWide = shown.some(({ cells }) => cells.some((cell) => cellText(cell).length > CELL_WIDTH));
  if (isWide) return [...shown.map(({ mark, cells }) => thingText(mark, columns, cells)), ...more].join('\n');
  const lines = shown.map(({ mark, cells }) => [mark, ...cells.map((cell) => cut(cellText(cell), CELL_WIDTH))]);
  const [head, ...body] = table(
    ['', ...columns].map((title) => ({ title })),
    lines,
  ).split('\n');
  return [head, ...body.map((line, i) => colours[shown[i]!.mark](line)), ...more].join('\n');
}

function thingText(mark: keyof typeof colours, columns: readonly string[], cells: readonly unknown[]): string {
  const width = Math.max(...columns.map((column) => column.length));
  const lines = columns.flatMap((column, i) => {
    const value = cells[i];
    const parts = Array.isArray(value) && value.length > 0 ? value.map(cellText) : [cellText(value)];
    return parts.map((part, nth) => `${(nth === 0 ? column : '').padEnd(width)}  ${part}`);
  });
  return lines.map((line, i) => colours[mark](`${i === 0 ? mark : ' '} ${line}`)).join('\n');
}

/** `24 of 24 steps passed rows, 6 of 9 stopped all, 1 of 2 branches taken`, and which never did. */
function coverageText({ rule, steps, branches }: RuleCoverage): string {
  const stoppers = steps.filter((step) => step.canStop);
  const idle = steps.filter((step) => step.passed === 0);
  const untested = stoppers.filter((step) => step.stopped === 0);
  const untaken = branches.filter((branch) => branch.taken === 0);
  const part = (covered: number, all: number, what: string) => {
    const text = `${covered} of ${all} ${what}`;
    return covered === all ? pc.green(text) : pc.yellow(text);
  };
  const parts = [
    part(steps.length - idle.length, steps.length, 'steps let rows through'),
    part(stoppers.length - untested.length, stoppers.length, 'filters and joins stopped all'),
    ...(branches.length > 0 ? [part(branches.length - untaken.length, branches.length, 'branches taken')] : []),
  ];
  const lacks = [
    ...idle.map((step) => [step.line, `no row ever left ${step.id}`] as const),
    ...untested.map((step) => [step.line, `${step.id} never stopped a case`] as const),
    ...untaken.map(({ line, branch, call }) => [line, `never taken: ${branch} of ${cut(call, 60)}`] as const),
  ];
  const lines = lacks.sort(([a], [b]) => a - b).map(([line, text]) => pc.dim(`  ${`line ${line}`.padEnd(9)} ${text}`));
  return [`${pc.bold(rule)}: ${parts.join(', ')}`, ...lines].join('\n');
}
