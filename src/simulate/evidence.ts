import type { Person } from './cast.js';
import { deviceColumns, type Envelope, envelope } from './defender.js';
import type { Plot } from './plot.js';
import type { Random } from './random.js';
import { minute, second } from './time.js';

/** A mail that Defender for Office 365 alerted on. */
interface Mail {
  readonly id: string;
  readonly alertId: string;
  readonly url: string;
  readonly subject: string;
  readonly recipients: readonly Person[];
  readonly delivered: number;
  readonly alerted: number;
}

/**
 * What Defender XDR knows: the alert and its evidence, the mail, the recipients' identities and the browser launch, among
 * mails, accounts and device events that have nothing to do with it. In the order in which the service received them.
 */
export function evidence(plot: Plot): Envelope[] {
  const draw = plot.random.fork('evidence');
  const phish: Mail = {
    id: draw.guid(),
    alertId: `fa${draw.guid()}`,
    url: plot.url,
    subject: draw.pick(['Your mailbox is almost full', 'Unpaid invoice', 'Document shared with you']),
    recipients: plot.recipients,
    delivered: plot.delivered,
    alerted: plot.alerted,
  };
  // A second campaign, that nobody fell for: its evidence must not reach the result.
  const other: Mail = {
    id: draw.guid(),
    alertId: `fa${draw.guid()}`,
    url: `http://prize-${draw.hex(4)}.example.com/claim`,
    subject: 'You have won',
    recipients: [plot.people[4]!],
    delivered: plot.delivered + draw.int(1, 30) * minute,
    alerted: plot.alerted - draw.int(1, 9) * minute,
  };
  return [
    ...[phish, other].flatMap((mail) => [...alert(plot, mail), ...phishEvents(plot, draw, mail)]),
    ...endpointAlert(plot, draw),
    ...plainMail(plot, draw),
    ...identities(plot, draw),
    ...browserLaunches(plot, draw),
    ...deviceNoise(plot, draw),
  ].sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
}

function alert(plot: Plot, mail: Mail): Envelope[] {
  const title = 'Email messages containing malicious URL removed after delivery';
  const common = { AlertId: mail.alertId, Title: title, Severity: 'Informational', ServiceSource: plot.service };
  const item = (delay: number, row: { EntityType: string; EvidenceRole: string } & Record<string, unknown>) =>
    envelope(plot, 'AlertEvidence', mail.alerted, delay, {
      ...common,
      Categories: '["InitialAccess"]',
      AttackTechniques: '["Phishing (T1566)"]',
      DetectionSource: plot.service,
      EvidenceDirection: null,
      NetworkMessageId: null,
      RemoteUrl: null,
      DeviceId: null,
      AccountObjectId: null,
      ...row,
    });
  const url = {
    EntityType: 'Url',
    EvidenceRole: 'Related',
    RemoteUrl: mail.url,
    AdditionalFields: JSON.stringify({ $id: '4', Url: mail.url, Type: 'url' }),
  };
  const [reader] = mail.recipients;
  return [
    envelope(plot, 'AlertInfo', mail.alerted, 30 * second, {
      ...common,
      Category: 'InitialAccess',
      DetectionSource: plot.service,
      AttackTechniques: '["Phishing (T1566)"]',
    }),
    item(31 * second, url),
    item(32 * second, {
      EntityType: 'MailMessage',
      EvidenceRole: 'Related',
      NetworkMessageId: mail.id,
      EmailSubject: mail.subject,
      AdditionalFields: JSON.stringify({ $id: '2', NetworkMessageId: mail.id, Type: 'mailMessage' }),
    }),
    item(33 * second, {
      EntityType: 'User',
      EvidenceRole: 'Impacted',
      AccountName: reader!.account,
      AccountDomain: reader!.domain,
      AccountSid: reader!.sid,
      AccountObjectId: reader!.objectId,
      AccountUpn: reader!.upn,
      AdditionalFields: JSON.stringify({ $id: '3', Name: reader!.account, Type: 'account' }),
    }),
    // Delivery is at least once: the rule must not count an item of evidence twice.
    item(4 * minute, url),
  ];
}

function mailRow(draw: Random, mail: Pick<Mail, 'id' | 'subject'>, to: Person, sender: string, time: number) {
  const [name, domain] = sender.split('@') as [string, string];
  return {
    NetworkMessageId: mail.id,
    InternetMessageId: `<${draw.hex(16)}@${domain}>`,
    SenderMailFromAddress: sender,
    SenderFromAddress: sender,
    SenderDisplayName: name,
    SenderMailFromDomain: domain,
    SenderFromDomain: domain,
    SenderIPv4: `192.0.2.${draw.int(2, 250)}`,
    SenderIPv6: null,
    RecipientEmailAddress: to.mail,
    RecipientObjectId: to.objectId,
    Subject: mail.subject,
    EmailDirection: 'Inbound',
    EmailSize: draw.int(2_000, 90_000),
    DeliveryAction: 'Delivered',
    DeliveryLocation: 'Inbox/folder',
    UrlCount: 1,
    AttachmentCount: 0,
    EmailLanguage: 'en',
    AuthenticationDetails: '{"SPF":"pass","DKIM":"none","DMARC":"none"}',
    ReportId: `${mail.id}-${draw.int(1e8, 9e8)}-${time % 10}`,
  };
}

/** One EmailEvents row for each recipient, and the link in the mail. */
function phishEvents(plot: Plot, draw: Random, mail: Mail): Envelope[] {
  const sender = `support@mailer-${draw.hex(3)}.example.com`;
  return [
    ...mail.recipients.map((to) =>
      envelope(plot, 'EmailEvents', mail.delivered, draw.int(60, 300) * second, {
        ...mailRow(draw, mail, to, sender, mail.delivered),
        ThreatTypes: 'Phish',
        DetectionMethods: '{"Phish":["URL detonation"]}',
        AdditionalFields: null,
      }),
    ),
    envelope(plot, 'EmailUrlInfo', mail.delivered, draw.int(60, 300) * second, {
      NetworkMessageId: mail.id,
      Url: mail.url,
      UrlDomain: new URL(mail.url).hostname,
      UrlLocation: 'Body',
      ReportId: `${mail.id}-${draw.int(1e8, 9e8)}`,
    }),
  ];
}

/** Evidence of another product: a Url, and a device, that the rule must leave alone. */
function endpointAlert(plot: Plot, draw: Random): Envelope[] {
  const person = plot.people[5]!;
  const time = plot.alerted - draw.int(2, 40) * minute;
  const common = {
    AlertId: `da${draw.int(1e8, 9e8)}_${draw.int(1e6, 9e6)}`,
    Title: 'Suspicious script download',
    Severity: 'Medium',
    ServiceSource: 'Microsoft Defender for Endpoint',
    DetectionSource: 'EDR',
    DeviceId: person.deviceId,
    DeviceName: person.device,
    NetworkMessageId: null,
  };
  const url = `https://cdn-${draw.hex(3)}.example.com/setup.ps1`;
  return [
    envelope(plot, 'AlertEvidence', time, 40 * second, {
      ...common,
      EntityType: 'Url',
      EvidenceRole: 'Related',
      RemoteUrl: url,
      AdditionalFields: JSON.stringify({ $id: '1', Url: url, Type: 'url' }),
    }),
    envelope(plot, 'AlertEvidence', time, 41 * second, {
      ...common,
      EntityType: 'Machine',
      EvidenceRole: 'Impacted',
      RemoteUrl: null,
      AdditionalFields: JSON.stringify({ $id: '2', HostName: person.device.split('.')[0], Type: 'host' }),
    }),
  ];
}

function plainMail(plot: Plot, draw: Random): Envelope[] {
  return Array.from({ length: draw.int(4, 7) }, () => {
    const time = plot.delivered + draw.int(-20, 60) * minute;
    const mail = { id: draw.guid(), subject: draw.pick(['Minutes of Monday', 'Lunch?', 'Travel request']) };
    const sender = `${draw.pick(['partner', 'office', 'news'])}@${draw.pick(['supplier', 'press'])}.example.com`;
    return envelope(plot, 'EmailEvents', time, draw.int(60, 300) * second, {
      ...mailRow(draw, mail, draw.pick(plot.people), sender, time),
      ThreatTypes: '',
      DetectionMethods: null,
      AdditionalFields: null,
    });
  });
}

/** Every employee in the shape of the hunting table; the victim twice, as a change and a daily refresh leave it. */
function identities(plot: Plot, draw: Random): Envelope[] {
  return [...plot.people, plot.victim].map((person) => {
    const time = plot.delivered - draw.int(5, 50) * minute;
    return envelope(plot, 'IdentityInfo', time, draw.int(1, 4) * minute, {
      AccountObjectId: person.objectId,
      AccountUpn: person.upn,
      AccountName: person.account,
      AccountDomain: person.domain,
      AccountDisplayName: `${person.givenName} ${person.surname}`,
      GivenName: person.givenName,
      Surname: person.surname,
      EmailAddress: person.mail,
      OnPremSid: person.sid,
      CloudSid: `S-1-12-1-${draw.int(1e8, 2e9)}-${draw.int(1e8, 2e9)}-${draw.int(1e8, 2e9)}-${draw.int(1e8, 2e9)}`,
      Department: person.department,
      IsAccountEnabled: true,
    });
  });
}

function browserLaunches(plot: Plot, draw: Random): Envelope[] {
  const launch = (person: Person, time: number, url: string, program: 'outlook.exe' | 'teams.exe') =>
    envelope(plot, 'DeviceEvents', time, draw.int(30, 200) * second, {
      ...deviceColumns(draw, person, program, time),
      ActionType: 'BrowserLaunchedToOpenUrl',
      RemoteUrl: url,
      AdditionalFields: '{}',
    });
  return [
    launch(plot.clicker, plot.clicked, plot.url, 'outlook.exe'),
    ...plot.visits.map(({ person, time, url }) =>
      launch(person, time - 2 * second, url, draw.pick(['outlook.exe', 'teams.exe'])),
    ),
  ];
}

function deviceNoise(plot: Plot, draw: Random): Envelope[] {
  return Array.from({ length: draw.int(5, 8) }, () => {
    const time = plot.requested + draw.int(-50, 50) * minute;
    return envelope(plot, 'DeviceEvents', time, draw.int(30, 200) * second, {
      ...deviceColumns(draw, draw.pick(plot.people), 'svchost.exe', time),
      ActionType: draw.pick(['PowerShellCommand', 'UsbDriveMounted', 'LdapSearch', 'ScheduledTaskCreated']),
      RemoteUrl: '',
      AdditionalFields: '{"Source":"agent"}',
    });
  });
}
