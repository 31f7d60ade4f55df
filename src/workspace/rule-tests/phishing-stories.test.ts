import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { builtInContent } from '../../content/index.js';
import { TestDocument } from '../test-files.js';
import type { Failure } from './compare.js';
import { RuleLab } from './lab.js';
import { ruleOf, runCase } from './run.js';
import type { CaseTables, Expectation, RuleCase } from './schema.js';
import { readRuleTest } from './test-file.js';

/** A story of phishing-stories.yaml: what happened, and what each rule must make of it. */
interface Story extends Pick<RuleCase, 'rows' | 'records' | 'without' | 'change'> {
  /** Number of the public rule's weakness; a story without one is the common case or a lookalike. */
  readonly weakness?: number;
  readonly story: string;
  readonly publicAt?: readonly string[];
  readonly companionAt?: string;
  readonly public: Expectation;
  /** What is wrong with the public rule's answer, where it has one. */
  readonly publicSays?: string;
  readonly companion: Expectation;
}

interface Stories {
  readonly publicAt: readonly string[];
  readonly companionAt: string;
  readonly weaknesses: Readonly<Record<number, string>>;
  readonly rows: CaseTables;
  readonly stories: readonly Story[];
}

const file = fileURLToPath(new URL('phishing-stories.yaml', import.meta.url));
// Aliases and merged keys are written out: the reader of tests knows neither.
const written: Stories = parseDocument(readFileSync(file, 'utf8'), { merge: true, schema: 'core' }).toJS({
  maxAliasCount: -1,
});
const rules = {
  public: 'possible-phishing-with-csl-and-network-sessions.yaml',
  companion: 'phishing-link-followed.yaml',
};

let lab: RuleLab;
beforeAll(async () => {
  lab = await RuleLab.open([]);
});
afterAll(() => lab.close());

/** The story as the only case of a test of the rule. */
function testOf(which: keyof typeof rules, story: Story, at: string) {
  const { rows = {}, records = [], without = [], change = {} } = story;
  const each = { name: story.story, at, rows, records, without, change, expect: story[which] };
  const document = parseDocument(JSON.stringify({ rows: written.rows, cases: [each] }));
  const beside = join(builtInContent(), 'rules', rules[which].replace(/\.yaml$/, '.test.yaml'));
  return readRuleTest(new TestDocument(beside, '', document));
}

type Outcome = Readonly<Record<keyof typeof rules, readonly Failure[]>>;

async function failuresOf(which: keyof typeof rules, story: Story, times: readonly string[]): Promise<Failure[]> {
  const failures: Failure[] = [];
  for (const at of times) {
    const test = testOf(which, story, at);
    failures.push(...(await runCase(lab, test, await ruleOf(lab, test), test.cases[0]!, undefined)).failures);
  }
  return failures;
}

const outcomes = new Map<Story, Outcome>();
/** Stories at the same time: a run waits for the engine dozens of times. */
const CONCURRENCY = 6;

async function tellAll(stories: Iterable<Story>) {
  for (const story of stories) {
    outcomes.set(story, {
      public: await failuresOf('public', story, story.publicAt ?? written.publicAt),
      companion: await failuresOf('companion', story, [story.companionAt ?? written.companionAt]),
    });
  }
}

describe('both rules over the same logs', () => {
  beforeAll(async () => {
    const next = written.stories[Symbol.iterator]();
    await Promise.all(Array.from({ length: CONCURRENCY }, () => tellAll(next)));
  }, 1_800_000);

  it.each(written.stories.map((s) => [`${s.weakness ?? ''} ${s.story}`, s] as const))('%s', (_, story) => {
    expect(outcomes.get(story)).toEqual({ public: [], companion: [] });
  });
});

it('every weakness has a story that the two rules answer differently', () => {
  const told = written.stories.filter((s) => JSON.stringify(s.public) !== JSON.stringify(s.companion));
  const weaknesses = Object.keys(written.weaknesses).map(Number);
  expect(weaknesses).toHaveLength(19);
  for (const n of weaknesses) expect([n, told.some((s) => s.weakness === n)]).toEqual([n, true]);
});

function said(expected: Expectation): string {
  if (expected.silence) return 'silent';
  const rows = expected.rows ?? [];
  const values = rows.map((r) => `**${r.Severity}**: ${r.Match}, ${r.Score}, ${r.Outcome}`);
  return [...new Set(values)].join('<br>') + (values.length > 1 ? `, ${values.length} alerts` : '');
}

const alerted = ({ public: expected, publicSays }: Story) =>
  expected.silence ? 'silent' : `alert${publicSays ? `: ${publicSays}` : ''}`;

function tables(): string {
  const lines = (stories: readonly Story[]) =>
    stories.map(
      (s) =>
        `| ${s.weakness ?? ''} | ${s.weakness ? written.weaknesses[s.weakness] : ''} | ${s.story} | ${alerted(s)} | ${said(s.companion)} |`,
    );
  const known = written.stories.filter((s) => s.weakness !== undefined || !s.companion.silence);
  const lookalikes = written.stories.filter((s) => !known.includes(s));
  const head =
    '| | Weakness of the public rule | Story | Public rule | Phishing link followed |\n|---|---|---|---|---|';
  return [
    heading,
    '',
    `${known.length} stories, in which somebody opened the link or the public rule says so:`,
    '',
    head,
    ...lines(known),
    '',
    `${lookalikes.length} lookalikes:`,
    '',
    '| Story | Public rule | Phishing link followed |\n|---|---|---|',
    ...lookalikes.map((s) => `| ${s.story} | ${alerted(s)} | ${said(s.companion)} |`),
    '',
  ].join('\n');
}

const heading = '## Both rules over the same logs';

// Written anew with `npx vitest run src/workspace/rule-tests/phishing-stories.test.ts -t page --update`.
it('the page holds what the stories say', async () => {
  const page = join(dirname(fileURLToPath(import.meta.url)), '../../../docs/phishing-link-followed.md');
  const text = readFileSync(page, 'utf8').split(heading)[0];
  await expect(text + tables()).toMatchFileSnapshot(page);
});
