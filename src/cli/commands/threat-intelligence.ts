import pc from 'picocolors';
import { fail } from '../../base/index.js';
import type { IndicatorState, IntelligenceResult, Source, StoredIndicator } from '../../ingest/index.js';
import { type AddCommand, globalOptions, withWorkspace } from '../command.js';
import { cellText, count, cut, shortTime, table, writeJson, writeLine } from '../output.js';
import { progress } from '../progress.js';
import { rejectedText, rejectsText } from '../show/import.js';
import { status } from '../status.js';

const states: readonly IndicatorState[] = ['active', 'revoked', 'expired', 'not yet valid'];

export const addThreatIntelligence: AddCommand = (program, setStatus) => {
  const ti = program.command('ti').description('threat intelligence: indicators that rules match against logs');

  ti.command('import')
    .description('read STIX 2.1 or 2.0 (bundles, lists, one object a line) or CSV in the template of Sentinel')
    .argument('<file...>', 'files and folders; - is standard input')
    .option('--source <name>', 'who the intelligence comes from', 'Vedette')
    .option('--strict', 'exit with 1 when an object is rejected')
    .addHelpText('after', '\nExample:\n  vedette ti import feed.json --source "Feed of the sector"\n')
    .action(async (files: string[], options: { source: string; strict?: true }, command) => {
      const shared = globalOptions(command);
      const sources = files.map((file): Source => (file === '-' ? { name: 'stdin', stream: process.stdin } : file));
      const bar = progress('reading');
      const onProgress = (done: number, total: number | undefined) => total && bar.update(done, total);
      const result = await withWorkspace(shared, ({ intelligence }) =>
        intelligence.import(sources, { from: options.source, onProgress }).finally(() => bar.stop()),
      );
      if (options.strict && result.rejected > 0) setStatus(status.findings);
      await (shared.json ? writeJson(answerOf(result)) : writeLine(report(result)));
    });

  ti.command('list')
    .description('indicators in their present state, the last changed first')
    .option('--state <state>', states.join(', '))
    .option('--value <text>', 'only indicators with this observable value')
    .option('--limit <number>', 'indicators to list', '50')
    .action(async (options: { state?: string; value?: string; limit: string }, command) => {
      const shared = globalOptions(command);
      const state = states.find((each) => each === options.state);
      if (options.state !== undefined && !state) fail('CLI6001', `a state is one of: ${states.join(', ')}`);
      if (!/^\d{1,6}$/.test(options.limit)) fail('CLI6001', `'${options.limit}' is no number of indicators`);
      const { value, limit } = options;
      const found = await withWorkspace(shared, ({ intelligence }) =>
        intelligence.list({ state, value, limit: Number(limit) }),
      );
      if (shared.json) return writeJson({ indicators: found });
      if (found.length === 0) return writeLine('There are no such indicators.');
      const columns = [
        ...['State', 'Observable', 'Value'].map((title) => ({ title })),
        { title: 'Confidence', right: true },
        ...['Valid until', 'Source', 'Id'].map((title) => ({ title })),
      ];
      return writeLine(table(columns, found.map(listed)));
    });

  ti.command('revoke')
    .description('say of indicators that they no longer hold')
    .argument('<id...>', 'STIX ids, such as indicator--…')
    .action(async (ids: string[], _options, command) => {
      const shared = globalOptions(command);
      const result = await withWorkspace(shared, ({ intelligence }) => intelligence.revoke(ids));
      await (shared.json ? writeJson(answerOf(result)) : writeLine(`${count(result.written, 'indicator')} revoked`));
    });

  ti.command('republish')
    .description(
      'write indicators again that hold and were written more than a week ago, for rules look back a limited time',
    )
    .action(async (_options, command) => {
      const shared = globalOptions(command);
      const republished = await withWorkspace(shared, ({ intelligence }) => intelligence.republish());
      await (shared.json ? writeJson({ republished }) : writeLine(`${count(republished, 'indicator')} republished`));
    });
};

const answerOf = ({ rejects, ...counts }: IntelligenceResult) => ({
  ...counts,
  rejects: rejects.map(({ reason, count: n, sample }) => ({ reason, count: n, sample })),
});

function report(result: IntelligenceResult): string {
  const { read, written, unchanged, outdated, rejected, tables, rejects } = result;
  const rows = Object.entries(tables).map(([name, n]) => [name, n.toLocaleString('en-US')]);
  return [
    `${count(read, 'object')} read: ${written.toLocaleString('en-US')} new or newer, ${unchanged} unchanged, ${outdated} outdated, ${rejectedText(rejected)}`,
    ...(rows.length > 0 ? ['', table([{ title: 'Table' }, { title: 'Rows', right: true }], rows)] : []),
    ...rejectsText(rejects),
  ].join('\n');
}

function listed({ state, observables, confidence, validUntil, source, stixId }: StoredIndicator): string[] {
  const [first, ...others] = observables;
  const more = others.length > 0 ? pc.dim(` +${others.length}`) : '';
  return [
    state === 'active' ? pc.green(state) : pc.dim(state),
    cellText(first?.key),
    `${cut(cellText(first?.value), 50)}${more}`,
    confidence === undefined ? '' : String(confidence),
    validUntil.startsWith('9999') ? 'no end' : shortTime(validUntil),
    cut(cellText(source), 30),
    cellText(stixId),
  ];
}
