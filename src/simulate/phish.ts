import { fail } from '../base/index.js';
import { evidence } from './evidence.js';
import { makePlot, type Plot } from './plot.js';
import { type ProxyId, proxies, proxyIds, proxyLines } from './proxies.js';
import { type ConnectorId, connectorIds, type Told, tellers } from './sessions/index.js';
import { lines } from './sessions/teller.js';
import { isoSeconds } from './time.js';
import { type Truth, truthOf } from './truth.js';
import { type Variant, variantNames } from './variants.js';

/** Raw records of one connector, as they would arrive. */
export interface StoryFile extends Told {
  readonly connector: ConnectorId;
  readonly role: 'evidence' | 'proxy' | 'session';
}

/** The phishing story as the products write it down, and what the rule must make of it. */
export interface Story {
  /** Nominal time of the run that finds it: the window is [at − 1 d, at). ISO 8601. */
  readonly at: string;
  readonly files: readonly StoryFile[];
  readonly truth: Truth;
}

export interface StoryOptions {
  /** Who logs the link: one of `proxyIds`, in any case. Default Zscaler. */
  readonly proxy?: string | undefined;
  /** One of `variantNames`. Default `hit`. */
  readonly variant?: string | undefined;
  /** A whole number. Default 1. */
  readonly seed?: number | undefined;
  /** Date, ISO 8601 text or milliseconds since the epoch. */
  readonly at: Date | string | number;
}

/** Other spellings of connector ids. */
const aliases: Readonly<Record<string, ConnectorId>> = { vminsights: 'AzureMonitor(VMInsights)' };

function choose<T extends string>(
  what: string,
  given: string,
  known: readonly T[],
  other: Readonly<Record<string, T>>,
) {
  const wanted = given.toLowerCase();
  const found = known.find((name) => name.toLowerCase() === wanted) ?? other[wanted];
  return found ?? fail('CLI6001', `there is no ${what} “${given}”`, { hint: `known: ${known.join(', ')}` });
}

function timeOf(at: Date | string | number): number {
  const time = new Date(at).getTime();
  if (!Number.isFinite(time))
    fail('CLI6001', `“${at}” is not a time`, { hint: 'write ISO 8601, such as 2026-03-05T00:00:00Z' });
  return time;
}

function setting({ proxy = 'Zscaler', variant = 'hit', seed = 1, at }: StoryOptions) {
  if (!Number.isSafeInteger(seed)) fail('CLI6001', `the seed “${seed}” is not a whole number`);
  const proxyId: ProxyId = choose('proxy', proxy, proxyIds, {});
  const chosen: Variant = choose('variant', variant, variantNames, {});
  return { proxyId, plot: makePlot({ at: timeOf(at), seed, variant: chosen }) };
}

const commonFiles = (plot: Plot, proxyId: ProxyId): StoryFile[] => [
  {
    connector: 'MicrosoftThreatProtection',
    role: 'evidence',
    ...lines(
      'evidence.jsonl',
      evidence(plot).map((record) => JSON.stringify(record)),
    ),
  },
  { connector: proxyId, role: 'proxy', ...lines('proxy.log', proxyLines(plot, proxies[proxyId])) },
];

const sessionFiles = (plot: Plot, connector: ConnectorId, folder = ''): StoryFile[] =>
  tellers[connector]
    .tell(plot, plot.sessions, plot.random.fork(`tell/${connector}`))
    .map((file) => ({ connector, role: 'session', ...file, path: `${folder}${file.path}` }));

const sessionRows = (plot: Plot, connectors: readonly ConnectorId[]) =>
  plot.sessions.filter((session) => session.matches).length *
  connectors.reduce((rows, connector) => rows + tellers[connector].rowsPerSession, 0);

/**
 * The story with its network session from one connector alone. The same options give the same bytes.
 *
 * Units   all events lie in [at − 6 h, at − 10 min], but for the browser launch of `click-late`, which comes after `at`
 * Errors  CLI6001 an unknown connector, proxy or variant, or a bad time or seed
 */
export function simulatePhish(options: StoryOptions & { readonly connector: string }): Story {
  const connector = choose('connector', options.connector, connectorIds, aliases);
  const { proxyId, plot } = setting(options);
  return {
    at: isoSeconds(plot.at),
    files: [...commonFiles(plot, proxyId), ...sessionFiles(plot, connector)],
    truth: truthOf(plot, proxies[proxyId], sessionRows(plot, [connector])),
  };
}

/** The same story, its sessions told by all thirteen connectors at once: each in a folder of its own. Errors as above. */
export function demoStory(options: StoryOptions): Story {
  const { proxyId, plot } = setting(options);
  return {
    at: isoSeconds(plot.at),
    files: [
      ...commonFiles(plot, proxyId),
      ...connectorIds.flatMap((connector) => sessionFiles(plot, connector, `${connector}/`)),
    ],
    truth: truthOf(plot, proxies[proxyId], sessionRows(plot, connectorIds)),
  };
}

/** How many units an ingest reads for each connector of a story. */
export function unitsByConnector(story: Story): Partial<Record<ConnectorId, number>> {
  const units: Partial<Record<ConnectorId, number>> = {};
  for (const file of story.files) units[file.connector] = (units[file.connector] ?? 0) + file.units;
  return units;
}
