import { SaxesParser } from 'saxes';
import { expect, it } from 'vitest';
import type { RuleTestResult } from '../workspace/index.js';
import { junit } from './junit.js';

const test = (more: Partial<RuleTestResult>): RuleTestResult => ({
  ...{ file: 'a.test.yaml', line: 3, rule: 'A rule', name: 'a case', passed: true, durationMs: 1500, failures: [] },
  ...more,
});

/** Elements with their attributes and text; throws when it is no XML. */
function elements(xml: string) {
  const found: { name: string; attributes: Record<string, string>; text: string }[] = [];
  const open: (typeof found)[number][] = [];
  const parser = new SaxesParser({});
  parser.on('opentag', ({ name, attributes }) => {
    open.push({ name, attributes: attributes as Record<string, string>, text: '' });
    found.push(open.at(-1)!);
  });
  parser.on('text', (text) => {
    if (open.at(-1)) open.at(-1)!.text += text;
  });
  parser.on('closetag', () => open.pop());
  parser.on('error', (error) => {
    throw error;
  });
  parser.write(xml).close();
  return found;
}

it('counts what a build server counts', () => {
  const failure = { what: 'count', message: '1 row instead of 2' } as const;
  const tests = [
    test({}),
    test({ name: 'fails', passed: false, failures: [failure] }),
    test({
      file: 'b.test.yaml',
      rule: '',
      name: 'the file',
      passed: false,
      failures: [{ what: 'error', message: 'no YAML' }],
    }),
  ];
  const [all, first, , , , second] = elements(junit({ passed: 1, failed: 2, tests }));
  expect(all?.attributes).toMatchObject({ tests: '3', failures: '1', errors: '1', time: '4.500' });
  expect(first?.attributes).toMatchObject({
    name: 'A rule',
    tests: '2',
    failures: '1',
    errors: '0',
    file: 'a.test.yaml',
  });
  expect(second?.attributes).toMatchObject({ name: 'b.test.yaml', tests: '1', failures: '0', errors: '1' });
});

it('keeps every text whole, and what XML cannot hold as a mark', () => {
  const name = `<a> & "b" 'c' ]]> \n\t\u0000\u001b\ud800 é😀`;
  const diff = { columns: ['C'], rows: [{ mark: '+', cells: ['<x>'] }] } as const;
  const failures = [{ what: 'rows', message: `${name}\nmore`, diff }] as const;
  const found = elements(junit({ passed: 0, failed: 1, tests: [test({ name, passed: false, failures })] }));
  const shown = `<a> & "b" 'c' ]]> \n\t\ufffd\ufffd\ufffd é😀`;
  expect(found.find(({ name }) => name === 'testcase')?.attributes.name).toBe(shown);
  expect(found.find(({ name }) => name === 'failure')?.text).toBe(`${shown}\nmore\n  ["C"]\n+ ["<x>"]`);
});
