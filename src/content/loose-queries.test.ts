import { describe, expect, it } from 'vitest';
import { loadParts, splitQueries } from './index.js';
import { plainQuery } from './loose-queries.js';

const fence = '```';

describe('a Markdown page', () => {
  const page = `# Title\n\n${fence}KQL\nSyslog\n| take 1\n${fence}\nText\n${fence}\nEvent\n| take 2\n${fence}\n${fence}powershell\nGet-Item | Out-Null\n${fence}\n`;

  it('holds its tagged blocks, and untagged ones with a line that starts with a pipe', () => {
    const texts = loadParts(page, 'a.md').map(({ content }) => content?.type === 'query' && content.text.trim());
    expect(texts).toEqual(['Syslog\n| take 1', 'Event\n| take 2']);
  });

  it('leads back to the place in the page', () => {
    const [first] = loadParts(page, 'a.md');
    if (first?.content?.type !== 'query') throw new Error('no query');
    expect(page.slice(first.content.source.map(0)).startsWith('Syslog')).toBe(true);
  });
});

describe('a text of several queries', () => {
  const split = (text: string) => splitQueries(plainQuery('q.kql', text)).map((q) => q.text.trim());

  it('is divided by blank lines', () => {
    expect(split('Syslog | take 1\n\nEvent\n| take 2\r\n\r\n')).toEqual(['Syslog | take 1', 'Event\n| take 2']);
  });

  it('keeps together what cannot stand alone', () => {
    const declared = 'let a = 1;\n\nSyslog\n\n| take a';
    expect(split(declared)).toEqual([declared]);
    expect(split('// about\n\nSyslog | take 1\n\n// next\n\nEvent')).toHaveLength(2);
  });
});

describe('a deployment template', () => {
  it('holds the rules of its resources, with the GUID of their names as id', () => {
    const resource = {
      type: 'Microsoft.OperationalInsights/workspaces/providers/alertRules',
      name: "[concat(parameters('w'),'/Microsoft.SecurityInsights/00000000-0000-4000-8000-000000000001')]",
      kind: 'Scheduled',
      properties: {
        ...{ displayName: 'R', severity: 'Low', query: 'Syslog', queryFrequency: 'PT1H', queryPeriod: 'PT1H' },
        ...{ triggerOperator: 'GreaterThan', triggerThreshold: 0 },
      },
    };
    const parts = loadParts(JSON.stringify({ resources: [resource, { type: 'other' }] }), 't.json');
    expect(parts.map((p) => p.content)).toMatchObject([
      { type: 'rule', id: '00000000-0000-4000-8000-000000000001', name: 'R', triggerOperator: 'gt' },
    ]);
  });
});

describe('a YAML file of several documents', () => {
  it('gives one entry for each', () => {
    const text = '---\nFunctionName: F\nFunctionQuery: T\n---\nFunctionName: G\nFunctionQuery: T\n';
    expect(loadParts(text, 'f.yaml').map((p) => p.content?.type)).toEqual(['function', 'function']);
  });
});

it('takes a time that grows with the length of the text only', () => {
  const endless = plainQuery('q.kql', `T ${'\n'.repeat(300_000)}U ${' '.repeat(300_000)}x`);
  const lets = plainQuery('q.kql', 'let a = 1;\n\n'.repeat(40_000));
  const began = performance.now();
  expect([splitQueries(endless).length, splitQueries(lets).length]).toEqual([2, 1]);
  // A quadratic one takes minutes.
  expect(performance.now() - began).toBeLessThan(10_000);
});
