import { describe, expect, it } from 'vitest';
import { fixedClock } from '../base/index.js';
import { contentIndex, functionsHash } from '../content/index.js';
import { WorkspaceRunner } from '../query/index.js';
import { openTestStore } from '../store/testing/index.js';
import { catalogue, type Row } from '../tables/index.js';
import { listedEntities, runRule } from './index.js';

const at = Date.UTC(2026, 2, 4, 10);
const time = new Date(at - 3_600_000).toISOString();
const url = 'https://login.bad.example/x';
const sid = 'S-1-5-21-1-2-3-1104';

/** The smallest story that the shipped rule finds, as rows of the tables. */
const story: Record<string, Row[]> = {
  AlertEvidence: [
    { AlertId: 'a1', ServiceSource: 'Microsoft Defender for Office 365', EntityType: 'Url', RemoteUrl: url },
    {
      AlertId: 'a1',
      ServiceSource: 'Microsoft Defender for Office 365',
      EntityType: 'MailMessage',
      NetworkMessageId: 'm1',
    },
  ],
  EmailEvents: [{ NetworkMessageId: 'm1', RecipientEmailAddress: 'ana@corp.example', RecipientObjectId: 'o1' }],
  IdentityInfo: [{ AccountObjectId: 'o1', AccountSID: sid }],
  DeviceEvents: [
    {
      ActionType: 'BrowserLaunchedToOpenUrl',
      RemoteUrl: url,
      InitiatingProcessAccountSid: sid,
      DeviceName: 'pc7.corp.example',
      InitiatingProcessAccountUpn: 'ana@corp.example',
      InitiatingProcessAccountName: 'ana',
      InitiatingProcessAccountDomain: 'corp',
    },
  ],
  CommonSecurityLog: [
    {
      RequestURL: url,
      DestinationIP: '203.0.113.9',
      SourceIP: '10.1.2.3',
      DeviceProduct: 'NSSWeblog',
      DeviceAction: 'Allowed',
    },
  ],
  AWSVPCFlow: [{ SrcAddr: '10.1.2.3', DstAddr: '203.0.113.9', LogStatus: 'OK', Action: 'ACCEPT' }],
};

describe('the phishing rule over the shipped parsers', () => {
  it('becomes one alert and one incident with everyone involved', async () => {
    const store = await openTestStore();
    for (const [table, rows] of Object.entries(story)) {
      await store.ensureTable(catalogue.table(table)!);
      await store.insert(
        table,
        rows.map((row) => ({ TimeGenerated: time, ...row })),
      );
    }
    const index = await contentIndex();
    const found = await index.rule('Possible Phishing with CSL and Network Sessions');
    if (!found.ok) throw new Error(found.diagnostics[0]?.message);
    const rule = found.value;
    const runner = new WorkspaceRunner(store, index);
    const run = await runRule(rule, {
      ...{ at, store, runner, clock: fixedClock(at + 300_000) },
      functionsHash: functionsHash(rule.query, index.function),
    });
    if (!run.ok) throw new Error(run.diagnostics.map((d) => d.message).join('\n'));
    const { resultCount, alerts, incidents } = run.value;
    expect([resultCount, alerts.length, incidents.length]).toEqual([1, 1, 1]);
    expect(listedEntities(alerts[0]?.Entities)).toEqual([
      { Type: 'account', Name: 'ana', UPNSuffix: 'corp' },
      { Type: 'account', Name: 'ana', UPNSuffix: 'corp.example' },
      { Type: 'host', HostName: 'pc7', DnsDomain: 'corp.example' },
      { Type: 'ip', Address: '10.1.2.3' },
      { Type: 'ip', Address: '203.0.113.9' },
    ]);
    expect(alerts[0]).toMatchObject({
      AlertSeverity: 'Medium',
      Tactics: 'InitialAccess,CommandAndControl',
      Techniques: '["T1566","T1102"]',
      StartTime: '2026-03-04T09:00:00Z',
      CompromisedEntity: 'ana@corp',
    });
    expect(incidents[0]).toMatchObject({ Title: rule.name, Severity: 'Medium', Status: 'New' });
  }, 240_000);
});
