import { unescape as percentDecoded } from 'node:querystring';

/** A link as a wrapper reads it: parsed, and as it was written, since parsing changes what some wrappers encode. */
export interface Link {
  readonly url: URL;
  readonly text: string;
}

/** A service that puts the target of a link into a link of its own, so that it can be told without asking the service. */
export interface Wrapper {
  readonly name: string;
  /** Domains; their subdomains belong to them. `google.*` is that name under any public suffix. */
  readonly hosts: readonly string[];
  readonly path?: RegExp;
  /** Names of the query parameter that holds the target, or a function that decodes it. */
  readonly target: readonly string[] | ((link: Link) => string | undefined);
  /** A pattern for its links when the target is no readable text in them, so that a search for its host would miss them. */
  readonly opaque?: string;
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#x27': "'" };
/** Links that were cut out of HTML keep its entities. */
const htmlDecoded = (text: string) =>
  text.replace(/&(amp|lt|gt|quot|#39|#x27);/gi, (_, e) => entities[e.toLowerCase()]!);

const base64 = (text: string): string =>
  Buffer.from(text.replaceAll('-', '+').replaceAll('_', '/'), 'base64').toString('utf8');

const utf8 = new TextDecoder('utf-8', { fatal: true });
const lengthLetters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/**
 * Version 3 keeps the target readable between `__` and `__;` and takes out the characters that mail programs spoil: `*`
 * stands for one of them, `**X` for a run whose length the letter X gives, A being two. They follow in base64.
 */
function urlDefense3({ text }: Link): string | undefined {
  const [, target, encoded] = /\/v3\/__(.+?)__;(.*?)!/s.exec(text) ?? [];
  if (target === undefined) return undefined;
  let taken: string[];
  try {
    taken = [...utf8.decode(Buffer.from(encoded!, 'base64url'))];
  } catch {
    return undefined;
  }
  const restored = target.replace(/\*(?:\*(.))?/g, (_, letter?: string) => {
    const length = letter === undefined ? 1 : lengthLetters.indexOf(letter) + 2;
    return taken.splice(0, length).join('');
  });
  // Software on the way folds the two slashes into one.
  return restored.replace(/^([a-z][a-z0-9+.-]*:\/)(?!\/)/i, '$1/');
}

/** The rest of the path as a URL: `/amp/s/host/path` is https, `/amp/host/path` is http. */
const ampTarget = ({ url }: Link) =>
  url.pathname.replace(/^\/amp\/(s\/)?/, (_, s) => (s ? 'https://' : 'http://')) + url.search;

export const wrappers: readonly Wrapper[] = [
  {
    name: 'Safe Links',
    hosts: [
      'safelinks.protection.outlook.com',
      'safelinks.protection.office365.us',
      'safelinks.protection.partner.outlook.cn',
    ],
    target: ['url'],
  },
  { name: 'Safe Links in Teams', hosts: ['teams.cdn.office.net'], path: /\/safelinks\//, target: ['url'] },
  {
    name: 'URL Defense v1',
    hosts: ['urldefense.proofpoint.com', 'urldefense.com', 'urldefense.us'],
    path: /^\/v1\//,
    // Up to `&k=` and no shorter: the target's own `&` may stand there unencoded.
    target: ({ text }) => {
      const found = /[?&]u=(.+?)(?:&(?:amp;)?k=|$)/s.exec(text)?.[1];
      return found && htmlDecoded(percentDecoded(found));
    },
  },
  {
    name: 'URL Defense v2',
    hosts: ['urldefense.proofpoint.com', 'urldefense.com', 'urldefense.us'],
    path: /^\/v2\//,
    target: ({ text }) => {
      const found = /[?&]u=(.+?)(?:&(?:amp;)?[dc]=|$)/s.exec(text)?.[1];
      return found && htmlDecoded(percentDecoded(found.replaceAll('-', '%').replaceAll('_', '/')));
    },
  },
  {
    name: 'URL Defense v3',
    hosts: ['urldefense.com', 'urldefense.us', 'urldefense.proofpoint.com'],
    path: /^\/v3\//,
    target: urlDefense3,
  },
  { name: 'Barracuda Link Protection', hosts: ['linkprotect.cudasvc.com'], path: /^\/url/, target: ['a'] },
  {
    name: 'Cisco Secure Web',
    hosts: ['secure-web.cisco.com'],
    target: ({ url }) => percentDecoded(/\/(https?(?:%3a|:).*)$/i.exec(url.pathname)?.[1] ?? '') || undefined,
  },
  {
    name: 'Sophos Email',
    hosts: ['protection.sophos.com'],
    target: ({ url }) => base64(url.searchParams.get('u') ?? '') || undefined,
    opaque: 'protection\\.sophos\\.com',
  },
  { name: 'Symantec Click-time', hosts: ['clicktime.symantec.com'], target: ['u'] },
  { name: 'Trellix URL Defense', hosts: ['protect.fireeye.com', 'protect2.fireeye.com'], target: ['u'] },
  { name: 'Trend Micro Click-time', hosts: ['ctp.trendmicro.com', 'imsva91-ctp.trendmicro.com'], target: ['url'] },
  { name: 'Libraesva URLSand', hosts: ['urlsand.esvalabs.com'], target: ['u'] },
  { name: 'Google', hosts: ['google.*'], path: /^\/url$/, target: ['q', 'url'] },
  { name: 'Google AMP', hosts: ['google.*'], path: /^\/amp\/(s\/)?[^/]+\./, target: ampTarget },
  { name: 'Google Ads', hosts: ['doubleclick.net', 'googleadservices.com'], target: ['adurl'] },
  { name: 'YouTube', hosts: ['youtube.com'], path: /^\/redirect$/, target: ['q'] },
  {
    name: 'Bing',
    hosts: ['bing.com'],
    path: /^\/ck\/a$/,
    target: ({ url }) => {
      const value = url.searchParams.get('u');
      return value?.startsWith('a1') ? base64(value.slice(2)) : undefined;
    },
    opaque: 'bing\\.com(?:/|%2F)ck(?:/|%2F)',
  },
  { name: 'DuckDuckGo', hosts: ['duckduckgo.com'], path: /^\/l\/?$/, target: ['uddg'] },
  {
    name: 'Yahoo',
    hosts: ['r.search.yahoo.com'],
    target: ({ url }) => percentDecoded(/\/RU=([^/]+)/.exec(url.pathname)?.[1] ?? '') || undefined,
  },
  { name: 'Facebook', hosts: ['facebook.com'], path: /^\/l\.php$/, target: ['u'] },
  { name: 'Instagram', hosts: ['l.instagram.com'], target: ['u'] },
  { name: 'LinkedIn', hosts: ['linkedin.com'], path: /^\/(safety\/go|redir\/redirect)\/?$/, target: ['url'] },
  { name: 'Slack', hosts: ['slack-redir.net'], path: /^\/link$/, target: ['url'] },
  { name: 'Reddit', hosts: ['out.reddit.com'], target: ['url'] },
  { name: 'Tumblr', hosts: ['t.umblr.com'], path: /^\/redirect$/, target: ['z'] },
  { name: 'Pinterest', hosts: ['pinterest.*'], path: /^\/offsite\/?$/, target: ['url'] },
  { name: 'VK', hosts: ['vk.com'], path: /^\/away\.php$/, target: ['to'] },
  { name: 'Steam', hosts: ['steamcommunity.com'], path: /^\/linkfilter\/?$/, target: ['u', 'url'] },
  { name: 'TikTok', hosts: ['tiktok.com'], path: /^\/link\/v2$/, target: ['target'] },
];

const isWithin = (host: string, name: string | null, domain: string): boolean =>
  domain.endsWith('.*') ? name === domain.slice(0, -2) : host === domain || host.endsWith(`.${domain}`);

/**
 * The wrapper that the link belongs to, and the target as it stands there.
 *
 * @param name the registrable domain without its public suffix
 */
export function unwrapped(link: Link, host: string, name: string | null): { name: string; target: string } | undefined {
  for (const wrapper of wrappers) {
    if (!wrapper.hosts.some((domain) => isWithin(host, name, domain))) continue;
    if (wrapper.path && !wrapper.path.test(link.url.pathname)) continue;
    const target = typeof wrapper.target === 'function' ? wrapper.target(link) : parameter(link.url, wrapper.target);
    if (target) return { name: wrapper.name, target };
  }
  return undefined;
}

function parameter({ searchParams }: URL, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = searchParams.get(name);
    if (value) return value;
  }
  return undefined;
}
