import pc from 'picocolors';
import type { IncidentEvents, IncidentView, TimelineEntry } from '../../detect/index.js';
import type { Row } from '../../tables/index.js';
import { cellText, count, records, shortTime, table } from '../output.js';

/** Evidence rows that are shown; the JSON answer has all. */
const SHOWN_ROWS = 3;

const severityColours: Readonly<Record<string, (text: string) => string>> = {
  High: pc.red,
  Medium: pc.yellow,
  Low: pc.cyan,
  Informational: pc.dim,
};

export const severityText = (severity: unknown): string =>
  (severityColours[String(severity)] ?? pc.dim)(String(severity));

/** An incident for a person: what happened, when, to whom, how it maps to ATT&CK, and the rows that prove it. */
export function incidentText({ incident, alerts, entities, events, timeline }: IncidentView): string {
  const details = (incident.AdditionalData ?? {}) as { tactics?: string[]; techniques?: string[] };
  const of = (type: string) => entities.filter((e) => e.entity.Type === type).map((e) => e.name);
  const facts: [string, string][] = [
    ['What', wrapped(cellText(incident.Description))],
    ['When', `${shortTime(incident.FirstActivityTime)} to ${shortTime(incident.LastActivityTime)} UTC`],
    ['Who', of('account').join(', ')],
    ['Where', [...of('host'), ...of('ip')].join(', ')],
    [
      'ATT&CK',
      [tactics(details.tactics), (details.techniques ?? []).map(technique).join(', ')].filter(Boolean).join(': '),
    ],
    ['State', [incident.Status, ownerOf(incident), incident.Classification].map(cellText).filter(Boolean).join(', ')],
  ];
  const title = `${pc.bold(`Incident ${incident.IncidentNumber}`)}  ${severityText(incident.Severity)}  ${pc.bold(cellText(incident.Title))}`;
  return [
    title,
    '',
    ...facts.filter(([, value]) => value !== '').map(([name, value]) => `${pc.dim(name.padEnd(8))}${value}`),
    '',
    heading('Entities', entities.length),
    table(
      [{ title: 'Type' }, { title: 'Name' }, { title: 'Identified' }, { title: 'Alerts', right: true }],
      entities.map((e) => [
        e.entity.Type,
        cellText(e.name),
        e.strong ? 'strongly' : pc.dim('weakly'),
        `${e.alertIds.length}`,
      ]),
    ),
    '',
    heading('Timeline', alerts.length, 'alert'),
    ...timelineText(timeline),
    ...events.flatMap(evidenceText),
  ].join('\n');
}

const heading = (text: string, n: number, unit?: string): string =>
  `${pc.bold(text)} ${pc.dim(unit ? count(n, unit) : String(n))}`;

const ownerOf = (incident: Row): string => {
  const owner = (incident.Owner ?? {}) as { assignedTo?: string | null };
  return owner.assignedTo ? `owned by ${owner.assignedTo}` : 'unassigned';
};

/** `InitialAccess` as ATT&CK spells it: Initial Access, Command and Control. */
const tactics = (names: readonly string[] = []): string =>
  names.map((name) => name.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').replace(' And ', ' and ')).join(', ');

const technique = (id: string): string => `${id} ${pc.dim(`attack.mitre.org/techniques/${id.replace('.', '/')}`)}`;

function timelineText(entries: readonly TimelineEntry[]): string[] {
  return entries.flatMap(({ time, kind, text }, i) => {
    const mark = kind === 'alert' ? pc.yellow('◆') : kind === 'incident created' ? pc.red('▲') : '●';
    const line = `${shortTime(time)}  ${mark} ${kind}  ${pc.dim(cellText(text))}`;
    return i === 0 ? [line] : [`${' '.repeat(21)}${pc.dim('│')}`, line];
  });
}

function evidenceText({ ruleName, columns, rows }: IncidentEvents): string[] {
  const title = `${heading('Evidence', rows.length, 'row')} ${pc.dim(`of ${cellText(ruleName)}`)}`;
  const more = rows.length - SHOWN_ROWS;
  return [
    '',
    title,
    records(columns, rows.slice(0, SHOWN_ROWS), '  '),
    ...(more > 0 ? ['', pc.dim(`  and ${count(more, 'more row')}: see --json`)] : []),
  ];
}

function wrapped(text: string, width = 88, indent = 8): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+|\\n/).filter(Boolean)) {
    if (line && line.length + word.length + 1 > width) {
      lines.push(line);
      line = word;
    } else line = line ? `${line} ${word}` : word;
  }
  return [...lines, line].join(`\n${' '.repeat(indent)}`);
}

/** The incident as JSON: its row, and beside the columns its alerts, entities, events and timeline. */
export const incidentJson = ({ incident, alerts, entities, events, timeline }: IncidentView) => ({
  ...incident,
  ...{ alerts, entities, events, timeline },
});
