import { describe, expect, it } from 'vitest';
import type { Column } from '../../tables/index.js';
import { checkParserData, checkParserSchema } from './index.js';
import { networkSessionFields } from './network-session.js';

const all = Object.entries(networkSessionFields).map(([name, { type }]): Column => ({ name, type }));
const errors = (columns: readonly Column[]) =>
  checkParserSchema(columns)
    .filter((finding) => finding.severity === 'error')
    .map(({ field, message }) => `${field} ${message}`);

/** The fields that every session has. */
const session: Record<string, unknown> = {
  TimeGenerated: '2026-03-04T09:00:00Z',
  Type: 'T',
  EventCount: 1,
  EventStartTime: '2026-03-04T09:00:00Z',
  EventEndTime: '2026-03-04T09:00:00Z',
  EventProduct: 'P',
  EventVendor: 'V',
  EventResult: 'Success',
  EventSchema: 'NetworkSession',
  EventSchemaVersion: '0.2.7',
  EventType: 'NetworkSession',
};
function problems(fields: Record<string, unknown>) {
  const row = { ...session, ...fields };
  const columns = Object.keys(row).map((name) => ({ name }));
  return checkParserData(columns, [Object.values(row)]).map(({ field, message }) => `${field} ${message}`);
}

describe('the columns of a parser', () => {
  it('are those of the schema', () => expect(checkParserSchema(all)).toEqual([]));

  it.each([
    ['EventType', 'is mandatory and absent'],
    ['TimeGenerated', 'is mandatory and absent'],
  ])('lack %s', (field, message) =>
    expect(errors(all.filter((c) => c.name !== field))).toEqual([`${field} ${message}`]),
  );

  it('have the types of the schema, in entity variants and twins of end points too', () => {
    const wrong = all.map((c): Column => (c.name === 'DstBytes' ? { ...c, type: 'int' } : c));
    expect(errors(wrong)).toEqual(['DstBytes has the type int instead of long']);
    expect(errors([...all, { name: 'SrcUserSid', type: 'guid' }])).toHaveLength(1);
    expect(errors([...all, { name: 'LocalPortNumber', type: 'string' }])).toHaveLength(1);
    expect(errors([...all, { name: 'LocalIpAddr', type: 'string' }])).toEqual([]);
  });

  it('beyond the schema are told, not refused', () =>
    expect(checkParserSchema([...all, { name: 'Colour', type: 'string' }])).toEqual([
      { severity: 'info', field: 'Colour', message: 'is not in the schema' },
    ]));
});

describe('the values of a parser', () => {
  it('fit', () => {
    expect(problems({})).toEqual([]);
    expect(
      problems({
        ...{ SrcIpAddr: '2001:db8::1', Src: '2001:db8::1', SrcPortNumber: 65535, DvcAction: 'Drop ICMP' },
        ...{ DstHostname: 'pc7', DstDomain: 'example.com', DstFQDN: 'pc7.example.com', DstDomainType: 'FQDN' },
        ...{ SrcUsername: 'corp\\ana', SrcUsernameType: 'Windows', SrcMacAddr: '00:1A:2B:3C:4D:5E' },
        ...{ NetworkProtocol: 'IPv6-ICMP', ASimMatchingIpAddr: '-', NetworkDirection: '' },
      }),
    ).toEqual([]);
  });

  it.each([
    [{ EventResult: 'Maybe' }, /^EventResult may be Success, Partial/],
    [{ EventResult: '' }, /^EventResult is mandatory and empty/],
    [{ EventStartTime: null }, /^EventStartTime is mandatory/],
    [{ EventSeverity: 'Critical' }, /^EventSeverity may be/],
    [{ SrcIpAddr: '-' }, /^SrcIpAddr is no ip/],
    [{ SrcIpAddr: '300.1.1.1' }, /^SrcIpAddr is no ip/],
    [{ DstPortNumber: 70000 }, /^DstPortNumber is no port/],
    [{ DstHostname: 'pc7.example.com' }, /^DstHostname is no hostname/],
    [{ DstFQDN: 'pc7', DstDomainType: 'FQDN' }, /^DstFQDN is no fqdn/],
    [{ DstDomain: 'example.com', DstDomainType: '' }, /^DstDomainType is empty beside/],
    [{ SrcMacAddr: '00-1a-2b-3c-4d-5e' }, /^SrcMacAddr is no mac/],
    [{ SrcUsername: 'ana', SrcUsernameType: 'UPN' }, /^SrcUsername has not the form/],
    [{ NetworkProtocol: 'tcp' }, /^NetworkProtocol is no/],
    [{ Dst: '192.0.2.1', DstIpAddr: '192.0.2.2' }, /^Dst is an alias/],
    [{ NetworkDirection: 'Unknown' }, /^NetworkDirection may be/],
    [{ ThreatRiskLevel: 101 }, /^ThreatRiskLevel is no level/],
  ])('%j', (fields, message) => expect(problems(fields)).toEqual([expect.stringMatching(message)]));

  it('are errors where detections rest on them, advice elsewhere', () => {
    const severity = (fields: Record<string, unknown>) =>
      checkParserData(
        Object.keys({ ...session, ...fields }).map((name) => ({ name })),
        [Object.values({ ...session, ...fields })],
      ).map((finding) => finding.severity);
    expect(severity({ EventResult: 'Maybe' })).toEqual(['error']);
    expect(severity({ DstIpAddr: '-' })).toEqual(['error']);
    expect(severity({ DstMacAddr: '-' })).toEqual(['warning']);
  });

  it('of many rows are one finding a field', () => {
    const columns = Object.keys(session).map((name) => ({ name }));
    const row = Object.values({ ...session, EventType: 'Session' });
    expect(checkParserData(columns, [row, row])).toMatchObject([{ field: 'EventType', rows: 2, example: 'Session' }]);
  });
});
