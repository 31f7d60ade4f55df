import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { catalogue } from '../tables/index.js';
import { openWorkspace, type Workspace } from './index.js';

/*
 * What a workspace can do to the session view: add a source, replace a parser, exclude one through the watchlist. It fails
 * when a name resolves to the wrong layer or an exclusion is not heeded.
 */

const parser = (name: string, address: string) => `
Parser:
  Title: A source of the workspace
  Version: '1.0'
ParserName: ${name}
ParserParams:
  - { Name: starttime, Type: datetime, Default: datetime(null) }
  - { Name: endtime, Type: datetime, Default: datetime(null) }
  - { Name: srcipaddr_has_any_prefix, Type: dynamic, Default: 'dynamic([])' }
  - { Name: dstipaddr_has_any_prefix, Type: dynamic, Default: 'dynamic([])' }
  - { Name: ipaddr_has_any_prefix, Type: dynamic, Default: 'dynamic([])' }
  - { Name: dstportnumber, Type: int, Default: int(null) }
  - { Name: hostname_has_any, Type: dynamic, Default: 'dynamic([])' }
  - { Name: dvcaction, Type: dynamic, Default: 'dynamic([])' }
  - { Name: eventresult, Type: string, Default: '*' }
  - { Name: disabled, Type: bool, Default: false }
ParserQuery: |
  AWSVPCFlow
  | where not(disabled)
  | project TimeGenerated, Type, EventProduct = "${name}", DstIpAddr = "${address}"
`;

let folder: string;
const open: Workspace[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vedette-view-'));
});

afterAll(async () => {
  for (const workspace of open) await workspace.close();
  await rm(folder, { recursive: true, force: true });
});

async function workspaceWith(files: Record<string, string>): Promise<Workspace> {
  const contentDir = await mkdtemp(join(folder, 'content-'));
  await mkdir(contentDir, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(contentDir, name), text);
  const workspace = await openWorkspace({ dataDir: join(folder, 'data'), contentDir });
  open.push(workspace);
  const { store } = workspace;
  if (!(await store.tables()).has('AWSVPCFlow')) {
    for (const table of ['AWSVPCFlow', 'VMConnection', 'Watchlist']) await store.ensureTable(catalogue.table(table)!);
    const TimeGenerated = '2026-03-04T09:00:00Z';
    await store.insert('AWSVPCFlow', [{ TimeGenerated, LogStatus: 'OK', DstAddr: '203.0.113.9', Action: 'ACCEPT' }]);
    await store.insert('VMConnection', [{ TimeGenerated, Direction: 'outbound', DestinationIp: '203.0.113.10' }]);
  }
  return workspace;
}

const addresses = async (workspace: Workspace, view = '_Im_NetworkSession') => {
  const { rows } = await workspace.query(`${view} | project DstIpAddr | sort by DstIpAddr asc`);
  return rows.map(([address]) => address);
};

it('joins a source of the workspace by the name Im_NetworkSessionCustom', async () => {
  const workspace = await workspaceWith({ 'custom.yaml': parser('Im_NetworkSessionCustom', '198.51.100.1') });
  expect(await addresses(workspace)).toEqual(['198.51.100.1', '203.0.113.10', '203.0.113.9']);
});

it('calls the workspace parser in place of the shipped one of the same name', async () => {
  const workspace = await workspaceWith({ 'aws.yaml': parser('vimNetworkSessionAWSVPC', '198.51.100.2') });
  expect(await addresses(workspace)).toEqual(['198.51.100.2', '203.0.113.10']);
});

it('leaves out the parsers that the watchlist names, in either spelling, and all of them for Any', async () => {
  const workspace = await workspaceWith({});
  const exclude = (item: number, CallerContext: string, SourceSpecificParser: string) =>
    workspace.store.insert('Watchlist', [
      {
        TimeGenerated: '2026-03-04T08:00:00Z',
        WatchlistAlias: 'ASimDisabledParsers',
        _DTItemId: `item-${item}`,
        _DTItemType: 'watchlist-item',
        _DTItemStatus: 'Create',
        _DTTimestamp: '2026-03-04T08:00:00Z',
        SearchKey: CallerContext,
        WatchlistItem: { CallerContext, SourceSpecificParser },
      },
    ]);
  expect(await addresses(workspace)).toEqual(['203.0.113.10', '203.0.113.9']);
  await exclude(1, 'Exclude_Im_NetworkSession', 'Exclude_Im_NetworkSession_AWSVPC');
  expect(await addresses(workspace)).toEqual(['203.0.113.10']);
  // The row names the filtering view; the one without parameters is another caller.
  expect(await addresses(workspace, '_ASim_NetworkSession')).toEqual(['203.0.113.10', '203.0.113.9']);
  await exclude(2, 'ExcludevimNetworkSession', 'ExcludevimNetworkSessionVMConnection');
  expect(await addresses(workspace)).toEqual([]);
  await exclude(3, 'Any', 'Any');
  expect(await addresses(workspace, '_ASim_NetworkSession')).toEqual([]);
});
