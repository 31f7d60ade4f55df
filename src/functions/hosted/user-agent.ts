import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parse } from 'yaml';
import { type HostedValue, hosted } from '../entry.js';

/** A pattern of the list: its groups, in order, are the parts of the answer unless it says otherwise. */
interface Agent {
  readonly regex: string;
  readonly regex_flag?: string;
  readonly [replacement: string]: string | undefined;
}

type Lists = Readonly<Record<'user_agent_parsers' | 'os_parsers' | 'device_parsers', readonly Agent[]>>;

/** Patterns try many places of a text, so a longer one is cut. */
const longestAgent = 2_000;

/** Part of the answer, the name of its replacement, and the group that it takes without one. */
type Part = readonly [name: string, replacement: string, group: number | undefined];

const targets: Readonly<Record<string, { name: string; list: keyof Lists; parts: readonly Part[] }>> = {
  browser: {
    name: 'Browser',
    list: 'user_agent_parsers',
    parts: [
      ['Family', 'family_replacement', 1],
      ['MajorVersion', 'v1_replacement', 2],
      ['MinorVersion', 'v2_replacement', 3],
      ['Patch', 'v3_replacement', 4],
    ],
  },
  os: {
    name: 'OperatingSystem',
    list: 'os_parsers',
    parts: [
      ['Family', 'os_replacement', 1],
      ['MajorVersion', 'os_v1_replacement', 2],
      ['MinorVersion', 'os_v2_replacement', 3],
      ['Patch', 'os_v3_replacement', 4],
      ['PatchMinor', 'os_v4_replacement', 5],
    ],
  },
  device: {
    name: 'Device',
    list: 'device_parsers',
    parts: [
      ['Family', 'device_replacement', 1],
      ['Brand', 'brand_replacement', undefined],
      ['Model', 'model_replacement', 1],
    ],
  },
};

let lists: Readonly<Record<keyof Lists, readonly (readonly [RegExp, Agent])[]>> | undefined;

/** Read at first use: it takes a tenth of a second. */
function knownAgents(list: keyof Lists) {
  if (!lists) {
    const file = createRequire(import.meta.url).resolve('uap-core/regexes.yaml');
    const read = parse(readFileSync(file, 'utf8')) as Lists;
    const compiled = (agents: readonly Agent[]) =>
      agents.map((a) => [new RegExp(a.regex, a.regex_flag === 'i' ? 'i' : ''), a] as const);
    lists = {
      user_agent_parsers: compiled(read.user_agent_parsers),
      os_parsers: compiled(read.os_parsers),
      device_parsers: compiled(read.device_parsers),
    };
  }
  return lists[list];
}

function found(agent: string, { list, parts }: (typeof targets)[string]): HostedValue {
  for (const [regex, known] of knownAgents(list)) {
    const groups = regex.exec(agent);
    if (!groups) continue;
    const value = ([name, replacement, group]: Part) => {
      const text = known[replacement]?.replace(/\$(\d)/g, (_, n) => groups[Number(n)] ?? '');
      return [name, (text ?? (group === undefined ? '' : (groups[group] ?? ''))).trim()] as const;
    };
    return Object.fromEntries(parts.map(value));
  }
  return Object.fromEntries(parts.map(([name]) => [name, name === 'Family' ? 'Other' : '']));
}

export const userAgents = [
  hosted({
    name: 'parse_user_agent',
    docs: 'https://learn.microsoft.com/kusto/query/parse-user-agent-function',
    approximate: 'by the uap-core list of version 0.18.0; that of Kusto is of an unknown day',
    trap: 'Null when nothing known is looked for.',
    evaluate: ([agent, lookFor]) => {
      const wanted = (Array.isArray(lookFor) ? lookFor : [lookFor]).map((w) => String(w).toLowerCase());
      const asked = Object.keys(targets).filter((t) => wanted.includes(t));
      const text = String(agent).slice(0, longestAgent);
      return asked.length === 0
        ? null
        : Object.fromEntries(asked.map((t) => [targets[t]!.name, found(text, targets[t]!)]));
    },
    examples: [
      [
        'parse_user_agent("Mozilla/5.0 (Windows; U; en-US) AppleWebKit/531.9 (KHTML, like Gecko) AdobeAIR/2.5.1", "browser")',
        { Browser: { Family: 'AdobeAIR', MajorVersion: '2', MinorVersion: '5', Patch: '1' } },
      ],
      [
        'parse_user_agent("Mozilla/5.0 (SymbianOS/9.2; U; Series60/3.1 NokiaN81-3/10.0.032 Profile/MIDP-2.0 Configuration/CLDC-1.1 ) AppleWebKit/413 (KHTML, like Gecko) Safari/4", dynamic(["browser","os","device"]))',
        {
          Browser: { Family: 'Nokia OSS Browser', MajorVersion: '3', MinorVersion: '1', Patch: '' },
          OperatingSystem: { Family: 'Symbian OS', MajorVersion: '9', MinorVersion: '2', Patch: '', PatchMinor: '' },
          Device: { Family: 'Nokia N81', Brand: 'Nokia', Model: 'N81-3' },
        },
      ],
      ['parse_user_agent("", "device")', { Device: { Family: 'Other', Brand: '', Model: '' } }],
      ['isnull(parse_user_agent("curl/8.5.0", "shoe"))', true],
    ],
  }),
];
