import { describe, expect, it } from 'vitest';
import { uuidOf } from './identity.js';
import { addAlerts, openIncident } from './incident.js';
import { detectLimits } from './index.js';
import { keptRows } from './ledger.js';
import { cutToBytes } from './limits.js';

const alert = (id: string, severity: string, start: string, end: string, tactics = '') => ({
  SystemAlertId: id,
  DisplayName: `name of ${id}`,
  Description: 'd'.repeat(6_000),
  AlertSeverity: severity,
  StartTime: start,
  EndTime: end,
  ProductName: 'Azure Sentinel',
  Tactics: tactics,
  Techniques: '["T1566"]',
});

describe('an incident', () => {
  const first = alert('a', 'Low', '2026-03-04T09:10:00Z', '2026-03-04T09:20:00Z', 'Impact');
  const second = alert('b', 'High', '2026-03-04T09:00:00Z', '2026-03-04T09:15:00Z', 'Impact,Execution');

  it('takes name and description from its first alert, the rest from all', () => {
    const incident = openIncident('rule', [first, second], 0);
    expect(incident).toMatchObject({
      Title: 'name of a',
      Severity: 'High',
      FirstActivityTime: '2026-03-04T09:00:00Z',
      LastActivityTime: '2026-03-04T09:20:00Z',
      AdditionalData: { alertsCount: 2, tactics: ['Impact', 'Execution'], techniques: ['T1566'] },
    });
    expect(detectLimits.incidentDescriptionChars).toBe(5_000);
    expect(incident.Description).toHaveLength(5_000);
  });

  it('is left alone by alerts that it has, and is newer after others', () => {
    const incident = openIncident('rule', [first], 1_000);
    expect(addAlerts(incident, [first], 5_000)).toBe(incident);
    const grown = addAlerts(incident, [first, second], 0);
    expect(grown.AlertIds).toEqual(['a', 'b']);
    // The clock went backwards; the newer row must still be the newer one.
    expect(grown.LastModifiedTime).toBe('1970-01-01T00:00:01.001Z');
  });
});

describe('ids', () => {
  it('follow from their parts and keep parts apart', () => {
    expect(uuidOf('a', 'b')).toBe(uuidOf('a', 'b'));
    expect(new Set([uuidOf('a', 'b'), uuidOf('ab'), uuidOf('a', 'b', ''), uuidOf('', 'ab')]).size).toBe(4);
    expect(uuidOf('a')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});

describe('limits', () => {
  it('cut between characters, never inside one', () => {
    expect(cutToBytes('aé😀', 7)).toBe('aé😀');
    expect(cutToBytes('aé😀', 6)).toBe('aé');
    expect(cutToBytes('aé', 2)).toBe('a');
  });

  it('keep the first rows of a huge result in the record of its run', () => {
    const row = ['x'.repeat(999_996)];
    expect(detectLimits.storedRowsChars).toBe(8_000_000);
    expect(keptRows(Array(7).fill(row))).toHaveLength(7);
    expect(keptRows(Array(9).fill(row))).toHaveLength(7);
  });
});
