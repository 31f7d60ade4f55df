import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { contentIndex } from '../content/index.js';
import { WorkspaceRunner } from '../query/index.js';
import { connectorIds, type Story, simulatePhish } from '../simulate/index.js';
import type { Workspace } from './index.js';
import { WorkspaceNames } from './names.js';
import { ingestFiles, openTestWorkspace } from './testing/index.js';

/*
 * The public rule and public session parsers, byte for byte, over the stories: they give what the shipped ones give. The
 * folder of VEDETTE_PUBLIC holds `rule`, `parsers-2022`, `parsers-new` and `lib-2022`.
 */

const root = process.env.VEDETTE_PUBLIC ?? '';
const day = 86_400_000;
vi.setConfig({ testTimeout: 600_000, hookTimeout: 300_000 });

/** Sources that the public unifying view of 2022 does not call, or did not have yet. */
const notCalledIn2022: readonly string[] = ['Zscaler', 'Fortinet', 'CheckPoint'];

describe.skipIf(!existsSync(join(root, 'rule')))(
  'public content (skipped: VEDETTE_PUBLIC names no folder of it)',
  () => {
    let workspace: Workspace;
    const stories: [connector: string, story: Story][] = [];
    beforeAll(async () => {
      workspace = await openTestWorkspace();
      for (const [i, connector] of connectorIds.entries()) {
        const at = Date.UTC(2026, 0, 10) + 3 * i * day;
        const story = simulatePhish({ connector, seed: 7, at });
        await ingestFiles(workspace, story.files, at + day / 24);
        stories.push([connector, story]);
      }
    });

    it.each<[string, readonly string[], readonly string[]]>([
      ['the shipped parsers', [], []],
      ['the parsers of 2022', ['parsers-2022', 'lib-2022'], notCalledIn2022],
      ['newer parsers over the shipped ones', ['parsers-new', 'lib-2022'], []],
    ])('the public rule finds every story with %s', async (_, folders, missed) => {
      const content = await contentIndex({ parsers: folders.map((folder) => join(root, folder)) });
      const names = new WorkspaceNames(content, workspace.store);
      await names.reload();
      const runner = new WorkspaceRunner(workspace.store, names);
      const [file = ''] = readdirSync(join(root, 'rule'));
      const rule = await content.rule(join(root, 'rule', file));
      if (!rule.ok) throw new Error(rule.diagnostics[0]?.message);
      for (const [connector, story] of stories) {
        const at = Date.parse(story.at);
        const answer = await runner.query(rule.value.query, { at, window: { from: at - day, to: at } });
        if (!answer.ok) throw new Error(`${connector}: ${answer.diagnostics[0]?.message}`);
        const wanted = missed.includes(connector) ? [] : story.truth.rows;
        expect([connector, answer.value.rows]).toEqual([connector, wanted]);
      }
    });
  },
);
