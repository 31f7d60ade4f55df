import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contentIndex, importContent, loadContent, loadFile } from './index.js';

const ruleYaml = (id: string, name = 'A rule') => `id: ${id}
name: ${name}
severity: Low
queryFrequency: 1h
queryPeriod: 1h
triggerOperator: gt
triggerThreshold: 0
query: T
`;
const parserYaml = (name: string, body: string, builtIn = '') =>
  `ParserName: ${name}\n${builtIn && `EquivalentBuiltInParser: "${builtIn} "\n`}ParserQuery: |\n  ${body}\n`;

const id = (n: number) => `00000000-0000-4000-8000-00000000000${n}`;

describe('what a file is', () => {
  const typeOf = (text: string) => loadFile(text, 'x.yaml').content?.type;
  const head = `id: ${id(1)}\nname: n\n`;

  it('is told by its keys, wherever the file lies', () => {
    expect(typeOf(ruleYaml(id(1)))).toBe('rule');
    expect(typeOf(`${head}query: T\ntactics: [Impact]\n`)).toBe('hunting');
    expect(typeOf(`${head}query: T\nseverity: Low\ntactics: []\n`)).toBe('hunting');
    expect(typeOf(parserYaml('P', 'T'))).toBe('parser');
    expect(typeOf('FunctionName: F\nFunctionQuery: T\n')).toBe('function');
  });

  it('leaves rules without a query of their own and foreign files alone', () => {
    for (const text of [
      `${head}kind: Fusion\nseverity: High\n`,
      'a: 1\n',
      '- 1\n',
      '',
      'openapi: 3.0.0\npaths: {}\n',
    ]) {
      expect(loadFile(text, 'x.yaml')).toMatchObject({ content: undefined, diagnostics: [] });
    }
  });

  it('reads a legacy parser under its file name', () => {
    const { content } = loadFile('// notes\nSyslog | take 1', 'Parsers/OneLogin.txt');
    expect(content).toMatchObject({ type: 'function', names: ['OneLogin'], body: '// notes\nSyslog | take 1' });
  });
});

describe('hostile files', () => {
  const codesOf = (text: string) => loadFile(text, 'x.yaml').diagnostics.map((d) => d.code);

  it('refuses aliases that would expand without end', () => {
    let bomb = 'a0: &a0 [x]\n';
    for (let i = 1; i < 30; i++)
      bomb += `a${i}: &a${i} [${Array(9)
        .fill(`*a${i - 1}`)
        .join(', ')}]\n`;
    expect(codesOf(bomb)).toEqual(['RUL3001']);
  });

  it('reads a few aliases as the values they stand for', () => {
    const text = `${ruleYaml(id(1))}tactics: &t [Impact]\nrelevantTechniques: [T1566]\ntags: *t\n`;
    expect(loadFile(text, 'x.yaml').content).toMatchObject({ tactics: ['Impact'] });
  });

  it.each([
    ['flow lists', `a: ${'['.repeat(200_000)}`],
    ['flow maps', `a: ${'{a: '.repeat(100_000)}`],
    ['compact lists', `a:\n  ${'- '.repeat(200_000)}x`],
    ['length', `a: ${'x'.repeat(1_000_001)}`],
  ])('survives excessive %s', (_, text) => expect(codesOf(text)).toEqual(['RUL3001']));

  it('does not count brackets in texts', () => {
    const text = ruleYaml(id(1)).replace('query: T', `query: |\n  T | where A == "${'['.repeat(500)}"`);
    expect(codesOf(text)).toEqual([]);
  });

  it('points at the place where YAML breaks', () => {
    const text = 'id: 1\nname: "open\nquery: T\n';
    const [diagnostic] = loadFile(text, 'x.yaml').diagnostics;
    expect(diagnostic).toMatchObject({ code: 'RUL3001', source: { name: 'x.yaml', text } });
    expect(diagnostic?.span?.start).toBeGreaterThan(6);
  });

  it('refuses a key that stands twice', () => {
    expect(codesOf(`${ruleYaml(id(1))}severity: High\n`)).toEqual(['RUL3002']);
  });
});

describe('folders', () => {
  let dir: string;
  const write = async (path: string, text: string) => {
    await mkdir(join(dir, path, '..'), { recursive: true });
    await writeFile(join(dir, path), text);
  };
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'vedette-content-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('loads the rest when one file is broken, and says which', async () => {
    await write('a.yaml', 'id: "open\n');
    await write('sub/b.yml', ruleYaml(id(1)));
    await write('readme.txt', 'Some words.\n');
    await write('data.json', '{}');
    await symlink(dir, join(dir, 'loop'));
    const { files, diagnostics } = await loadContent([dir, join(dir, 'nowhere')]);
    expect(files.map((f) => [f.name.slice(dir.length + 1), f.content?.type])).toEqual([
      ['a.yaml', undefined],
      ['sub/b.yml', 'rule'],
    ]);
    expect(diagnostics.map((d) => d.code).sort()).toEqual(['CLI6002', 'RUL3001']);
  });

  it('looks a function up in --parsers, then the workspace, then the shipped content', async () => {
    await write('own/p.yaml', parserYaml('P', 'Own'));
    await write('ws/p.yaml', parserYaml('P', 'Workspace', '_Im_P'));
    await write('ws/q.yaml', parserYaml('Q', 'Workspace'));
    await write('shipped/parsers/p.yaml', parserYaml('P', 'Shipped', '_Im_P'));
    await write('shipped/parsers/r.yaml', parserYaml('R', 'Shipped'));
    await write('shipped/rules/r.yaml', ruleYaml(id(1)));
    const index = await contentIndex({
      parsers: [join(dir, 'own')],
      workspace: join(dir, 'ws'),
      builtIn: join(dir, 'shipped'),
    });
    const bodyOf = (name: string) => index.function(name)?.body.trim();
    expect([bodyOf('P'), bodyOf('_Im_P'), bodyOf('Q'), bodyOf('R'), bodyOf('p')]).toEqual([
      ...['Own', 'Workspace', 'Workspace', 'Shipped', undefined],
    ]);
    expect(index.rules.map((r) => r.id)).toEqual([id(1)]);
    expect(index.diagnostics).toEqual([]);
  });

  it('reports two different files of a layer that register the same name, and keeps the first', async () => {
    await write('a.yaml', parserYaml('P', 'First'));
    await write('b.yaml', parserYaml('P', 'Second'));
    await write('c.yaml', parserYaml('P', 'First'));
    const index = await contentIndex({ parsers: [dir], builtIn: false });
    expect(index.function('P')?.body.trim()).toBe('First');
    expect(index.diagnostics.map((d) => [d.code, d.source?.name.endsWith('b.yaml')])).toEqual([['RUL3003', true]]);
  });

  it('finds a rule by id, name or path, and refuses an ambiguous name', async () => {
    await write('ws/a.yaml', ruleYaml(id(1), 'Same'));
    await write('ws/b.yaml', ruleYaml(id(2), 'Same'));
    await write('ws/c.yaml', ruleYaml(id(3), 'Other'));
    await write('d.yaml', ruleYaml(id(4)));
    const index = await contentIndex({ workspace: join(dir, 'ws'), builtIn: false });
    const find = async (wanted: string) => {
      const found = await index.rule(wanted);
      return found.ok ? found.value.id : found.diagnostics[0]?.code;
    };
    expect(await find(id(1).toUpperCase())).toBe(id(1));
    expect(await find('other')).toBe(id(3));
    expect(await find(join(dir, 'd.yaml'))).toBe(id(4));
    expect(await find('Same')).toBe('RUL3005');
    expect(await find('nothing')).toBe('RUL3005');
  });

  it('imports what can be loaded, keeps the folders, and can do so again', async () => {
    await write('from/Rules/a.yaml', ruleYaml(id(1)));
    await write('from/Parsers/p.yaml', parserYaml('P', 'T'));
    await write('from/Parsers/Old.txt', 'let a = 1;\nT\n');
    await write('from/broken.yaml', 'id: "open\n');
    await write('from/other.yaml', 'a: 1\n');
    const counts = { rules: 1, huntingQueries: 0, parsers: 2, failed: 1 };
    const into = join(dir, 'ws');
    expect(await importContent(join(dir, 'from'), into)).toMatchObject(counts);
    expect(await importContent(join(dir, 'from'), into)).toMatchObject(counts);
    const index = await contentIndex({ workspace: into, builtIn: false });
    expect(index.functionNames).toEqual(['Old', 'P']);
    expect(index.files).toHaveLength(3);
    expect(await importContent(join(dir, 'from/Rules/a.yaml'), join(dir, 'one'))).toMatchObject({ rules: 1 });
    expect((await contentIndex({ workspace: join(dir, 'one'), builtIn: false })).rules).toHaveLength(1);
  });

  it('loads the shipped content without an error', async () => {
    const index = await contentIndex();
    expect(index.diagnostics.filter((d) => d.severity === 'error')).toEqual([]);
    expect(index.function('_Im_NetworkSession')).toBeDefined();
    expect(index.rules.map((rule) => rule.name)).toContain('Possible Phishing with CSL and Network Sessions');
  });
});
