import pc from 'picocolors';
import type { ExplainStep, Explanation, SilentSource } from '../../detect/index.js';
import { cellText, count, shortTime } from '../output.js';

const BAR_WIDTH = 28;

/** The rows that leave every step, as bars; the step where they end, and what would have let some through. */
export function funnelText({ steps, rows, stoppedAt, silent = [], hidden = [] }: Explanation): string {
  const most = Math.max(1, ...steps.map((step) => Math.max(step.rowsIn, step.rowsOut)));
  const width = Math.max(4, ...steps.map((step) => step.id.length));
  const digits = Math.max(2, ...steps.map((step) => step.rowsIn.toLocaleString('en-US').length));
  const lines = steps.flatMap((step) => {
    const stops = step.id === stoppedAt;
    const colour = stops ? pc.red : step.rowsOut === 0 ? pc.dim : pc.green;
    const flow = `${step.rowsIn.toLocaleString('en-US').padStart(digits)} → ${step.rowsOut.toLocaleString('en-US')}`;
    const line = `${pc.dim(`line ${step.line}`.padEnd(9))} ${step.id.padEnd(width)}  ${colour(bar(step.rowsOut, most))}  ${flow.padEnd(digits * 2 + 3)}${costText(step)}`;
    return [stops ? pc.bold(line) : line, ...(stops ? stopText(step) : [])];
  });
  const verdict = stoppedAt
    ? pc.red(`No row passed ${stoppedAt}.`)
    : rows === 0
      ? pc.red('No row went in.')
      : pc.green('Rows reach the end of the query.');
  return [...lines, '', verdict, ...hiddenText(hidden), ...silentText(silent)].map((line) => line.trimEnd()).join('\n');
}

/** What it took to come this far, so the dearest step is where the time leaps. */
const costText = ({ cost }: ExplainStep) =>
  cost ? pc.dim(`  ${Math.round(cost.ms)} ms, ${count(cost.rowsRead, 'row')} read`) : '';

const hiddenText = (hidden: NonNullable<Explanation['hidden']>): string[] =>
  hidden.map(({ rows, what, reason }) =>
    pc.yellow(`${count(rows, 'row')} hidden by an exclusion, ${cellText(what)}: ${cellText(reason)}`),
  );

function silentText(silent: readonly SilentSource[]): string[] {
  if (silent.length === 0) return [];
  const width = Math.max(...silent.map(({ table }) => table.length));
  const lines = silent.map(({ table, lastRow, isUnknown, connectors }) => {
    const none = isUnknown ? 'nobody could say since when' : 'no rows at all';
    const last = lastRow ? `last row ${shortTime(lastRow)}` : none;
    const by = connectors.length > 0 ? pc.dim(`  from ${connectors.join(', ')}`) : '';
    return `  ${table.padEnd(width)}  ${last}${by}`;
  });
  return ['', `${count(silent.length, 'source')} silent in the window:`, ...lines];
}

/** On a logarithmic scale: a funnel goes from millions of rows to one. */
function bar(rows: number, most: number): string {
  const length = rows === 0 ? 0 : Math.max(1, Math.round((Math.log1p(rows) / Math.log1p(most)) * BAR_WIDTH));
  return '█'.repeat(length).padEnd(BAR_WIDTH, '·');
}

function stopText({ keys, nearMisses = [] }: ExplainStep): string[] {
  const indent = ' '.repeat(10);
  const lines = keys
    ? [
        `${indent}${count(keys.left, 'key')} on the left, ${keys.right.toLocaleString('en-US')} on the right, ${keys.both.toLocaleString('en-US')} on both`,
      ]
    : [];
  const missing = keys?.missing?.map((key) => key.map(cellText).join(' and ')) ?? [];
  if (missing.length > 0) lines.push(`${indent}${pc.dim(`not on the right: ${missing.join(', ')}`)}`);
  return [
    ...lines,
    ...nearMisses.flatMap(({ text, example }) => [
      `${indent}${pc.yellow(text)}`,
      ...(example ? [`${indent}${pc.dim(`for example ${example.map(cellText).join('  and  ')}`)}`] : []),
    ]),
  ];
}
