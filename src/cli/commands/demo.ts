import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pc from 'picocolors';
import type { IncidentView } from '../../detect/index.js';
import { type ConnectorId, connectorIds, demoStory, type Story, writeStory } from '../../simulate/index.js';
import { parseTime, type Workspace } from '../../workspace/index.js';
import { type AddCommand, globalOptions, withWorkspace } from '../command.js';
import { cellText, count, table, writeJson, writeLine } from '../output.js';
import { progress } from '../progress.js';
import { incidentJson, incidentText } from '../show/incident.js';
import { lastFullHour } from './simulate.js';

/** The shipped phishing rule. */
const ruleId = '6c3a1258-bcdd-4fcd-b753-1a9bc826ce12';

export const addDemo: AddCommand = (program) => {
  program
    .command('demo')
    .description('play the bundled phishing story: raw logs of thirteen connectors to one incident')
    .option('--at <time>', 'nominal time of the run (default the last full hour)')
    .action(async (options: { at?: string }, command) => {
      const shared = globalOptions(command);
      const folder = await mkdtemp(join(tmpdir(), 'vedette-demo-'));
      try {
        const place = shared.data || shared.server ? shared : { ...shared, data: join(folder, 'workspace') };
        const began = performance.now();
        const story = demoStory({ at: options.at === undefined ? lastFullHour(Date.now()) : parseTime(options.at) });
        const played = await withWorkspace(place, (workspace) => play(workspace, story, join(folder, 'raw')));
        const { connectors, tables, incidents } = played;
        if (shared.json) return await writeJson({ connectors, tables, incidents: incidents.map(incidentJson) });
        await writeLine(storyText(played, (performance.now() - began) / 1000));
        await writeLine(`\n${pc.bold('Next')}  ${nextStep(shared.data, story)}`);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
};

interface Played {
  readonly connectors: Record<string, { read: number; rejected: number }>;
  readonly tables: Record<string, number>;
  readonly incidents: readonly IncidentView[];
  /** Products whose sessions go to the address of the phishing site. */
  readonly sources: readonly (readonly unknown[])[];
}

async function play(workspace: Workspace, story: Story, folder: string): Promise<Played> {
  await writeStory(folder, story);
  const connectors: Played['connectors'] = {};
  const tables: Played['tables'] = {};
  const bar = progress('playing');
  const steps = connectorIds.length + 2;
  try {
    for (const [i, connector] of connectorIds.entries()) {
      bar.update(i, steps, `raw records of ${connector}`);
      const result = await workspace.ingest(connector, pathsOf(story, connector, folder), {
        receivedAt: parseTime(story.at),
      });
      connectors[connector] = { read: result.read, rejected: result.rejected };
      for (const [name, rows] of Object.entries(result.tables)) tables[name] = (tables[name] ?? 0) + rows;
    }
    bar.update(connectorIds.length, steps, 'the rule');
    const run = await workspace.rules.run(ruleId, { at: story.at });
    const incidents: IncidentView[] = [];
    for (const row of run.incidents) incidents.push(await workspace.incidents.show(Number(row.IncidentNumber)));
    bar.update(connectorIds.length + 1, steps, 'who saw the sessions');
    const column = run.columns.findIndex((c) => c.name === 'DestinationIP');
    return { connectors, tables, incidents, sources: await sessionSources(workspace, story, run.rows[0]?.[column]) };
  } finally {
    bar.stop();
  }
}

const pathsOf = (story: Story, connector: ConnectorId, folder: string) =>
  story.files.filter((file) => file.connector === connector).map((file) => join(folder, file.path));

async function sessionSources(workspace: Workspace, story: Story, address: unknown): Promise<Played['sources']> {
  if (typeof address !== 'string') return [];
  const text = JSON.stringify(address);
  const answer = await workspace.query(
    `_Im_NetworkSession(dstipaddr_has_any_prefix=dynamic([${text}])) | where DstIpAddr == ${text}
     | summarize Sessions = count() by EventVendor, EventProduct | sort by EventVendor asc, EventProduct asc`,
    { at: story.at, timespan: 'P1D' },
  );
  return answer.rows;
}

function storyText({ connectors, tables, incidents, sources }: Played, seconds: number): string {
  const read = Object.values(connectors).reduce((sum, c) => sum + c.read, 0);
  const rows = connectorIds.map((id) => [id, String(connectors[id]?.read ?? 0), String(connectors[id]?.rejected ?? 0)]);
  const columns = [{ title: 'Connector' }, { title: 'Records', right: true }, { title: 'Rejected', right: true }];
  const tableRows = Object.entries(tables).sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = [
    `${pc.bold('Raw records')} ${pc.dim(`${count(read, 'record')} of ${connectorIds.length} connectors in ${count(tableRows.length, 'table')}`)}`,
    table(columns, rows),
    '',
    pc.dim(tableRows.map(([name, n]) => `${name} ${n}`).join('  ')),
    '',
    ...incidents.flatMap((view) => [incidentText(view), '', `${pc.bold('In short')}  ${inShort(view)}`]),
    '',
    `${pc.bold('Sessions to the site were seen by')}`,
    table(
      [{ title: 'Vendor' }, { title: 'Product' }, { title: 'Sessions', right: true }],
      sources.map((row) => row.map(cellText)),
    ),
    '',
    pc.dim(`raw logs to incident in ${seconds.toFixed(1)} s`),
  ];
  return lines.join('\n');
}

/** One sentence of the first row of evidence. */
function inShort({ events }: IncidentView): string {
  const [event] = events;
  const value = (name: string) => {
    const at = event?.columns.findIndex((c) => c.name === name) ?? -1;
    return pc.cyan(cellText(at < 0 ? '' : event?.rows[0]?.[at]));
  };
  return `${value('RecipientEmailAddress')} opened ${value('UrlClickedByUserSid')} on ${value('DeviceName')}; ${value('DeviceProduct')} logged the request to ${value('DestinationIP')} as ${value('DeviceAction')}.`;
}

const nextStep = (data: string | undefined, story: Story): string =>
  data === undefined
    ? 'keep the workspace and look around: vedette demo --data ./try, then vedette incident list --data ./try'
    : `vedette rule explain ${ruleId} --at ${story.at} --data ${data}`;
