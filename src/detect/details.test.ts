import { describe, expect, it } from 'vitest';
import { customDetails, override } from './details.js';
import { detectLimits } from './index.js';
import { testRows, testRule } from './testing/index.js';

const over = (yaml: string, rows: Record<string, unknown>[]) =>
  override(testRule(`alertDetailsOverride:\n${yaml}`).alertDetailsOverride, testRows(rows));

describe('custom details', () => {
  it('collect the distinct values of a column as text', () => {
    const rows = testRows([
      { A: 'x', B: 5, C: '' },
      { A: 'y', B: 5, C: null },
      { A: 'x', B: { k: [1] }, C: '' },
    ]);
    expect(customDetails({ First: 'A', Second: 'B', Third: 'C', Fourth: 'Missing' }, rows)).toEqual({
      First: ['x', 'y'],
      Second: ['5', '{"k":[1]}'],
    });
  });

  it('keep 50 values each', () => {
    const rows = testRows(Array.from({ length: 60 }, (_, i) => ({ A: `${i}` })));
    expect(detectLimits.valuesPerDetail).toBe(50);
    expect(customDetails({ D: 'A' }, rows).D).toHaveLength(50);
  });

  it('keep 2 KB together', () => {
    const rows = testRows(Array.from({ length: 50 }, (_, i) => ({ A: `${i}é`.padEnd(60, 'x'), B: 'b' })));
    const json = JSON.stringify(customDetails({ D: 'A', E: 'B' }, rows));
    expect(detectLimits.customDetailsBytes).toBe(2_048);
    expect(Buffer.byteLength(json)).toBeLessThanOrEqual(2_048);
    expect(Buffer.byteLength(json)).toBeGreaterThan(1_900);
  });
});

describe('overridden details', () => {
  it('fill in columns, several values separated by commas', () => {
    const yaml = '  alertDisplayNameFormat: "{{A}} on {{ B }}"\n';
    expect(over(yaml, [{ A: 'Logon', B: 'pc7' }]).displayName).toBe('Logon on pc7');
    expect(
      over(yaml, [
        { A: 'Logon', B: 'pc7' },
        { A: 'Logon', B: 'pc8' },
      ]).displayName,
    ).toBe('Logon on pc7, pc8');
  });

  it('fall back to the rule when a column is missing or empty', () => {
    for (const rows of [[{ A: '', B: 'x' }], [{ B: 'x' }], [{ A: null, B: 'x' }]]) {
      expect(over('  alertDisplayNameFormat: "{{A}} {{B}}"\n', rows).displayName).toBeUndefined();
    }
  });

  it('do not read a placeholder out of a value', () => {
    expect(over('  alertDescriptionFormat: "{{A}}"\n', [{ A: '{{B}} $&', B: 'x' }]).description).toBe('{{B}} $&');
  });

  it('keep a name to 256 bytes and a description to 5 KB', () => {
    expect([detectLimits.singleValueBytes, detectLimits.listValueBytes]).toEqual([256, 5_120]);
    const rows = Array.from({ length: 40 }, (_, i) => ({ A: `${i}`.padStart(20, 'x') }));
    const both = over('  alertDisplayNameFormat: "N {{A}}"\n  alertDescriptionFormat: "D {{A}}"\n', rows);
    expect(both.displayName?.split(', ')).toHaveLength(11);
    expect(both.description?.split(', ')).toHaveLength(40);
    const long = over('  alertDisplayNameFormat: "{{A}}"\n', [{ A: 'é'.repeat(200) }]);
    expect(long.displayName).toBe('é'.repeat(128));
  });

  it('take the highest severity that the rows name, if any is one', () => {
    const severity = (...values: string[]) =>
      over(
        '  alertSeverityColumnName: S\n',
        values.map((S) => ({ S })),
      ).severity;
    expect(severity('low', 'High', 'x')).toBe('High');
    expect(severity('Critical')).toBeUndefined();
    expect(severity('')).toBeUndefined();
  });

  it('take tactics from text and lists, and leave out what is none', () => {
    const tactics = (T: unknown) => over('  alertTacticsColumnName: T\n', [{ T }]).tactics;
    expect(tactics('Initial Access, impact, nonsense')).toEqual(['InitialAccess', 'Impact']);
    expect(tactics(['Impact', 'Impact'])).toEqual(['Impact']);
    expect(tactics('["Impact"]')).toEqual(['Impact']);
    expect(tactics('nonsense')).toBeUndefined();
  });

  it('set dynamic properties that are valid', () => {
    const yaml = (property: string) => `  alertDynamicProperties: [{ alertProperty: ${property}, value: V }]\n`;
    const value = (property: string, V: unknown) => over(yaml(property), [{ V }]).columns[property];
    expect(value('ProductName', 'Firewall')).toBe('Firewall');
    expect(value('ProductName', '')).toBeUndefined();
    expect(value('AlertLink', 'x'.repeat(300))).toHaveLength(256);
    expect(value('ConfidenceScore', '0.7')).toBe(0.7);
    expect(value('ConfidenceScore', 'much')).toBeUndefined();
    expect(value('Techniques', 'T1566, t1102, T1566.001, x')).toBe('["T1566","T1102"]');
    expect(value('SubTechniques', ['T1566.001', 'T1566'])).toBe('["T1566.001"]');
    expect(value('RemediationSteps', 'Block, then reset')).toBe('["Block, then reset"]');
    expect(value('ExtendedLinks', 'https://example.com')).toBe('[{"Href":"https://example.com"}]');
  });
});
