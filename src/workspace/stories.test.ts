import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { connectorIds, proxyIds, type Story, simulatePhish, variantNames } from '../simulate/index.js';
import type { Workspace } from './index.js';
import { ingestFiles, openTestWorkspace } from './testing/index.js';

/*
 * Raw records in, rows of the shipped rule out, through connectors, session parsers, compiler and engine. Every story has
 * days of its own, so that one workspace holds them all. VEDETTE_FULL=1 tells every story with every proxy and variant;
 * without it each connector, proxy and variant comes at least once.
 */

const rule = 'Possible Phishing with CSL and Network Sessions';
const full = process.env.VEDETTE_FULL === '1';
const hour = 3_600_000;
const day = 24 * hour;

// The first run binds all parsers, which takes long where machines are shared.
vi.setConfig({ testTimeout: 180_000 });

let workspace: Workspace;
let lastDay = Date.parse('2022-01-10T00:00:00Z');
beforeAll(async () => {
  workspace = await openTestWorkspace();
});

/** A day that no other story touches. */
const nextDay = () => {
  lastDay += 3 * day;
  return new Date(lastDay).toISOString();
};

const sorted = (rows: readonly (readonly unknown[])[]) => rows.map((row) => JSON.stringify(row)).sort();
const rowsAt = async (at: string) => sorted((await workspace.rules.run(rule, { at, dryRun: true })).rows);
const ingestRoles = (story: Story, ...roles: string[]) =>
  ingestFiles(
    workspace,
    story.files.filter((file) => roles.includes(file.role)),
    Date.parse(story.at) + hour,
  );

describe('a click on a phishing link is found', () => {
  it.each(connectorIds)('by the sessions of %s, and not without them', async (connector) => {
    const story = simulatePhish({ connector, seed: 7, at: nextDay() });
    await ingestRoles(story, 'evidence', 'proxy');
    expect(await rowsAt(story.at)).toEqual([]);
    await ingestRoles(story, 'session');
    const { columns, rows } = await workspace.rules.run(rule, { at: story.at, dryRun: true });
    expect(columns).toEqual(story.truth.columns);
    expect(sorted(rows)).toEqual(sorted(story.truth.rows));
  });

  const pairs = full
    ? proxyIds.flatMap((proxy) => connectorIds.map((connector) => [proxy, connector] as const))
    : proxyIds.map((proxy, i) => [proxy, connectorIds[(3 * i + 4) % connectorIds.length]!] as const);
  it.each(pairs)('when %s logged the link and %s the session', async (proxy, connector) => {
    const story = simulatePhish({ connector, proxy, seed: 8, at: nextDay() });
    await ingestRoles(story, 'evidence', 'proxy', 'session');
    expect(await rowsAt(story.at)).toEqual(sorted(story.truth.rows));
  });
});

/** What one would want to hear of each miss. */
const saidOf: Record<string, RegExp> = {
  'url-slash':
    /^1 row would match if .*RemoteUrl == .*RequestURL were compared so that slashes at the end did not count$/,
  'other-sid': /AccountSID == .*InitiatingProcessAccountSid were not asked$/,
  'click-late': /^1 row would match if the window reached one period further back and ahead$/,
  'private-destination': /^\d+ rows? would match if not\(ipv4_is_private\(DstIpAddr\)\) were not asked$/,
  'other-service': /ServiceSource =~ "Microsoft Defender for Office 365" were not asked$/,
};

describe('a near miss is silent, and explain says where it stopped and why', () => {
  const misses = variantNames.filter((variant) => variant !== 'hit');
  const pairs = full
    ? misses.flatMap((variant) => connectorIds.map((connector) => [variant, connector] as const))
    : connectorIds.map((connector, i) => [misses[i % misses.length]!, connector] as const);

  it.each(pairs)('%s with %s', async (variant, connector) => {
    const story = simulatePhish({ connector, variant, seed: 9, at: nextDay() });
    await ingestRoles(story, 'evidence', 'proxy', 'session');
    expect(await rowsAt(story.at)).toEqual([]);
    const { steps, stoppedAt } = await workspace.rules.explain(rule, { at: story.at });
    expect(stoppedAt).toBe(story.truth.stoppedAt);
    const stop = steps.find((step) => step.id === stoppedAt)!;
    const said = stop.nearMisses?.map((miss) => miss.text) ?? [];
    if (variant === 'no-session') {
      // Nothing was near: the sessions that exist go elsewhere, and the address that lacks one is named.
      expect(said).toEqual([]);
      expect(stop.keys!.right).toBeGreaterThan(0);
      expect(stop.keys).toMatchObject({ left: 1, both: 0, missing: [[proxyDestination(story)]] });
    } else {
      expect(said).toContainEqual(expect.stringMatching(saidOf[variant]!));
    }
  });
});

/** The server of the link: the one destination that the story's proxy alone has. */
function proxyDestination(story: Story): string {
  const hit = simulatePhish({ connector: 'AWSS3', seed: 9, at: story.at });
  const at = hit.truth.columns.findIndex((column) => column.name === 'DestinationIP');
  return hit.truth.rows[0]![at] as string;
}

describe('stories that were not made by the simulator', () => {
  const root = fileURLToPath(new URL('../simulate/handwritten/', import.meta.url));

  it.each(readdirSync(root))('%s', async (name) => {
    const text = (file: string) => readFileSync(join(root, name, file), 'utf8');
    const story = parse(text('story.yaml'));
    const files = Object.entries<{ connector: string }>(story.files).map(([path, { connector }]) => ({
      ...{ connector, path, content: readFileSync(join(root, name, path)) },
    }));
    await ingestFiles(workspace, files, Date.parse(story.received));
    const at = new Date(story.at).toISOString();
    const expected: Record<string, unknown>[] = JSON.parse(text('expected.json'));
    expect(await rowsAt(at)).toEqual(sorted(expected.map((row) => Object.values(row))));
  });
});
