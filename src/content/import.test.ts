import { chmod, mkdir, mkdtemp, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { importContent } from './index.js';

const id = (n: number) => `00000000-0000-4000-8000-00000000000${n}`;
const rule = (n: number, more = '') => `id: ${id(n)}
name: Rule ${n}
severity: Low
queryFrequency: 1h
queryPeriod: 1h
triggerOperator: gt
triggerThreshold: 0
query: T
${more}`;

/** A checkout as strangers make them: every file may be anything. */
describe('a checkout of others', () => {
  let dir: string;
  let from: string;
  const write = async (path: string, text: string | Buffer) => {
    await mkdir(join(from, path, '..'), { recursive: true });
    await writeFile(join(from, path), text);
  };
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'vedette-import-'));
    from = join(dir, 'checkout');
    await mkdir(from);
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));
  const outcomes = async (seen: number[] = []) => {
    const report = await importContent(from, join(dir, 'content'), { onFile: (done) => seen.push(done) });
    return { report, each: Object.fromEntries(report.files.map((f) => [f.file, f.outcome])) };
  };

  it('is reported file by file, whatever lies in it', async () => {
    await write('odd keys.yaml', rule(1, 'x-author: someone\n"a b": {c: [1, 2]}\n? [k]\n: v\n'));
    await write('two.yaml', `${rule(2)}---\n${rule(3)}`);
    await write('half.yaml', `${rule(4)}---\nid: ${id(5)}\nname: No query\nseverity: Low\nqueryPeriod: 1h\n`);
    await write('open.yaml', 'name: "open\nquery: T\n');
    await write('deep.yaml', `a: ${'['.repeat(100_000)}`);
    await write('page.md', 'Words\n\n```kql\nT | count\n```\n\n```KQL\nU\n```\n');
    await write('empty.kql', '');
    await write('Name.kql', '// only a comment\n');
    await write('two queries.kql', 'T\n| count\n\nU\n| count\n');
    await write('sixteen.kql', Buffer.from('\ufeffT | count', 'utf16le'));
    await write('bytes.kql', Buffer.from([0, 255, 254, 128, 10, 0]));
    await write('notes.txt', 'Just words.\n');
    await write('Parser.txt', 'T\n| extend a = 1\n');
    await write('a.yaml/inside.yml', rule(6));
    await write('openapi.yaml', 'openapi: 3.0.0\npaths: {}\n');
    await write('data.json', '{"a": 1}');
    await symlink(from, join(from, 'loop'));
    await symlink(join(dir, 'nowhere'), join(from, 'dangling.yaml'));
    const seen: number[] = [];
    const { report, each } = await outcomes(seen);
    expect(each).toEqual({
      'odd keys.yaml': 'imported',
      'two.yaml': 'imported',
      'half.yaml': 'partly',
      'open.yaml': 'failed',
      'deep.yaml': 'failed',
      'page.md': 'queries',
      'empty.kql': 'imported',
      'Name.kql': 'imported',
      'two queries.kql': 'queries',
      'sixteen.kql': 'imported',
      'bytes.kql': 'imported',
      'Parser.txt': 'imported',
      'a.yaml/inside.yml': 'imported',
      'openapi.yaml': 'other',
    });
    expect(report).toMatchObject({ rules: 5, failed: 3 });
    expect(report.files.find((f) => f.file === 'two.yaml')?.holds).toEqual({ rule: 2 });
    expect(seen).toEqual(report.files.map((_, i) => i + 1));
    // What is copied is the author's file, byte for byte.
    expect(await readFile(join(dir, 'content', 'two.yaml'), 'utf8')).toBe(`${rule(2)}---\n${rule(3)}`);
    await expect(readFile(join(dir, 'content', 'open.yaml'))).rejects.toThrow('ENOENT');
  });

  it('does not read files that are too large to be content', async () => {
    await write('a.yaml', rule(1));
    for (const name of ['huge.json', 'huge.txt', 'huge.kql']) {
      await write(name, '');
      // Holes: three gigabytes that take no room, and that no string could hold.
      await truncate(join(from, name), 3 * 2 ** 30);
    }
    const { each, report } = await outcomes();
    expect(each).toEqual({ 'a.yaml': 'imported', 'huge.kql': 'failed' });
    expect(report.files[1]?.diagnostics.map((d) => d.code)).toEqual(['RUL3001']);
  });

  it('goes on behind a folder or file that may not be read, and a place that cannot be written', async () => {
    await write('a.yaml', rule(1));
    await write('closed/b.yaml', rule(2));
    await write('c.yaml', rule(3));
    await mkdir(join(dir, 'content', 'c.yaml'), { recursive: true });
    await chmod(join(from, 'closed'), 0);
    const { each, report } = await outcomes();
    await chmod(join(from, 'closed'), 0o700);
    expect(each).toMatchObject({ 'a.yaml': 'imported', 'c.yaml': 'failed' });
    // Who is root may read everything.
    if (process.getuid?.() !== 0) expect(report.diagnostics.map((d) => d.code)).toContain('CLI6002');
  });

  it('fails when there is nothing to read at all', async () => {
    await expect(importContent(join(dir, 'nowhere'), join(dir, 'content'))).rejects.toThrow('cannot be read');
  });
});
