import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Connector, ingest, type Outcome, type RawRecord } from '../index.js';
import { Recorder } from '../testing/index.js';
import { awsS3 } from './aws-vpc-flow/connector.js';
import { azureNsg } from './azure-nsg/connector.js';
import { defenderXdr } from './defender-xdr/connector.js';
import { vectraStream } from './vectra-stream/connector.js';
import { vmInsights } from './vm-insights/connector.js';

const here = dirname(fileURLToPath(import.meta.url));
const connectors: readonly (readonly [string, Connector])[] = [
  ['defender-xdr', defenderXdr],
  ['aws-vpc-flow', awsS3],
  ['azure-nsg', azureNsg],
  ['vm-insights', vmInsights],
  ['vectra-stream', vectraStream],
];

const context = () => ({ receivedAt: Date.parse('2026-03-04T10:00:00Z'), zoneOffsetMinutes: 0, file: new Map() });

/** Every outcome is a row of a declared table with a time, or a reject that says why and keeps the text. */
function check(connector: Connector, record: RawRecord): readonly Outcome[] {
  const outcomes = connector.decode(record, context());
  for (const outcome of outcomes) {
    if ('reject' in outcome) {
      expect(outcome.reject.reason).not.toBe('');
      expect(typeof outcome.reject.raw).toBe('string');
    } else {
      expect(connector.tables).toContain(outcome.table);
      expect(Number.isNaN(Date.parse(`${outcome.row.TimeGenerated}`))).toBe(false);
    }
  }
  return outcomes;
}

const odd: readonly unknown[] = [null, '', 'x', -1, 1e308, true, [], [null], {}, { a: { b: [{}] } }, '__proto__'];

/** The value with one of its nodes replaced, for every node and every odd value. */
function* mutations(value: unknown): Generator<unknown> {
  yield* odd;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, child] of Object.entries(value))
    for (const mutated of mutations(child)) {
      const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [...value] : { ...value };
      (copy as Record<string, unknown>)[key] = mutated;
      yield copy;
    }
}

function jsonRecords(folder: string): unknown[] {
  const samples = join(here, folder, 'samples');
  return readdirSync(samples)
    .filter(
      (file) => /\.(?:json|jsonl|log)$/.test(file) && !file.includes('.expected.') && file !== 'half-written.json',
    )
    .flatMap((file) => {
      const text = readFileSync(join(samples, file), 'utf8');
      const texts = file.endsWith('.json') ? [text] : text.split('\n').map((line) => line.slice(line.indexOf('{')));
      return texts.flatMap((part) => {
        try {
          return [JSON.parse(part)];
        } catch {
          return [];
        }
      });
    });
}

for (const [folder, connector] of connectors)
  describe(`${connector.id} with hostile input`, () => {
    it('survives an odd value in every place of every sample record', () => {
      let count = 0;
      for (const record of jsonRecords(folder))
        for (const value of mutations(record)) {
          count++;
          check(connector, { kind: 'json', value, raw: JSON.stringify(value) });
        }
      expect(count).toBeGreaterThan(100);
    });

    it('gives every scalar, empty and broken text a reject or nothing', () => {
      for (const text of [
        '',
        ' ',
        'null',
        '[]',
        '{}',
        '"x"',
        '7',
        '{"a":',
        '}{',
        '\u0000\uffff',
        'a,b,c',
        '-',
        '<13>',
        '$x',
      ])
        for (const outcome of check(connector, { kind: 'text', text })) expect(outcome).toHaveProperty('reject');
      for (const value of [null, 7, 'x', true, {}])
        for (const outcome of check(connector, { kind: 'json', value, raw: JSON.stringify(value) }))
          expect(outcome).toHaveProperty('reject');
    });

    it('reads keys and names of the language itself as plain data', () => {
      const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
      for (const name of names) {
        const text = `{"${name}":{"a":1},"category":"${name}","properties":{"${name}":"x"},"metadata_type":"${name}","Type":"${name}"}`;
        check(connector, { kind: 'json', value: JSON.parse(text), raw: text });
        check(connector, { kind: 'fields', fields: JSON.parse(`{"${name}":"x"}`), raw: 'x' });
      }
      expect(({} as Record<string, unknown>).a).toBeUndefined();
    });

    it('refuses depth bombs and takes a record of ten megabytes, through the whole intake', async () => {
      const store = new Recorder();
      const big = 'x'.repeat(10 * 1024 * 1024);
      const lines = [
        '['.repeat(200_000),
        '{"a":'.repeat(200_000),
        `{"records":[${'[{"a":'.repeat(50_000)}`,
        JSON.stringify({
          metadata_type: 'metadata_dns',
          query: big,
          TimeGenerated: '2026-03-04T09:00:00Z',
          Direction: 'x',
        }),
        big,
      ];
      const stream = (async function* () {
        for (const line of lines) yield Buffer.from(`${line}\n`);
      })();
      const result = await ingest(store, connector, [{ name: 'hostile', stream }], { receivedAt: 0 });
      const rows = Object.values(result.tables).reduce((sum, count) => sum + count, 0);
      expect(result.read).toBe(rows + result.rejected);
      expect(result.read).toBeGreaterThan(0);
      expect(rows).toBeLessThanOrEqual(1);
      for (const group of result.rejects) expect(group.reason).not.toBe('');
    });
  });
