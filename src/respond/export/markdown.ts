import { type IncidentView, ownerOf, tasksOf } from '../../detect/index.js';
import { defang } from './defang.js';
import { commentsOf, detailsOf, tagsOf } from './parts.js';

/** Rows of evidence in a page; the other formats have all. */
const mostRows = 50;
const mostChars = 2_000;

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '|': '&#124;' };

/**
 * A text from outside as one line of Markdown that is nothing but text: no markup, no HTML, no link, no mention. Pipes
 * are entities, because a backslash before a pipe means something else in tables than elsewhere.
 */
export function markdownText(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const chars = [...text];
  const shown = chars.length > mostChars ? `${chars.slice(0, mostChars).join('')}…` : text;
  const inert = shown
    .replace(/\s+/gu, ' ')
    .trim()
    .replace(/[\p{Cc}\p{Cf}]/gu, (c) => `\\u${c.codePointAt(0)!.toString(16).padStart(4, '0')}`)
    .replace(/[\\`*_{}[\]()#!~$^]/g, '\\$&')
    .replace(/#(?=\d)/g, '#\u2060')
    .replace(/[&<>|]/g, (c) => entities[c]!);
  // Last, so that its brackets stay readable: without a definition of that name they are no link.
  return defang(inert);
}

/** The same at the start of a line, where more signs mean something: lists, rules and definitions of links. */
const paragraph = (value: unknown): string =>
  markdownText(value)
    .replace(/^[-+=[]/, '\\$&')
    .replace(/^(\d+)\./, '$1\\.');

/** An incident as a page for a ticket, a wiki or a mail. */
export function incidentMarkdown(view: IncidentView): string {
  const { incident, alerts, events, timeline } = view;
  const { tactics = [], techniques = [] } = detailsOf(view);
  const facts: [string, unknown][] = [
    ['Severity', incident.Severity],
    ['Status', [incident.Status, incident.Classification, incident.ClassificationReason].filter(Boolean).join(', ')],
    ['Closing comment', incident.ClassificationComment],
    ['Owner', ownerOf(incident) || 'unassigned'],
    ['Activity', `${timeText(incident.FirstActivityTime)} to ${timeText(incident.LastActivityTime)} UTC`],
    ['Created', timeText(incident.CreatedTime)],
    ['Tactics', tactics.join(', ')],
    ['Techniques', techniques.join(', ')],
    ['Tags', tagsOf(view).join(', ')],
  ];
  return [
    `# Incident ${incident.IncidentNumber}: ${markdownText(incident.Title)}`,
    paragraph(incident.Description),
    table(
      ['Fact', 'Value'],
      facts.filter(([, value]) => value),
    ),
    section(
      'Entities',
      ['Type', 'Name', 'Identified', 'Alerts'],
      view.entities.map((e) => [e.entity.Type, e.name, e.strong ? 'strongly' : 'weakly', e.alertIds.length]),
    ),
    section(
      'Timeline',
      ['Time (UTC)', 'What', 'Text'],
      timeline.map(({ time, kind, text }) => [timeText(time), kind, text]),
    ),
    section(
      'Alerts',
      ['Time (UTC)', 'Severity', 'Name', 'Id'],
      alerts.map((a) => [timeText(a.TimeGenerated), a.AlertSeverity, a.AlertName, a.SystemAlertId]),
    ),
    section(
      'Tasks',
      ['Status', 'Task', 'Description', 'By'],
      tasksOf(incident).map((t) => [t.status, t.title, t.description, t.createdBy?.name]),
    ),
    section(
      'Comments',
      ['Time (UTC)', 'Author', 'Comment'],
      commentsOf(view).map(({ time, author, message }) => [timeText(time), author, message]),
    ),
    ...events.map(({ ruleName, columns, rows }) => {
      const title = `Evidence of ${markdownText(ruleName)}`;
      const more = rows.length > mostRows ? `\n\n${rows.length - mostRows} more rows are in the other formats.` : '';
      const names = columns.map((column) => column.name);
      return `${section(title, names, rows.slice(0, mostRows))}${more}`;
    }),
  ]
    .filter((block) => block.trim() !== '')
    .join('\n\n')
    .concat('\n');
}

const timeText = (iso: unknown): string => (typeof iso === 'string' ? iso.slice(0, 19).replace('T', ' ') : '');

const section = (title: string, columns: readonly string[], rows: readonly (readonly unknown[])[]): string =>
  rows.length === 0 ? '' : `## ${title}\n\n${table(columns, rows)}`;

const table = (columns: readonly string[], rows: readonly (readonly unknown[])[]): string =>
  [columns, columns.map(() => '---'), ...rows]
    .map((row, i) => `| ${row.map((cell) => (i === 1 ? String(cell) : markdownText(cell))).join(' | ')} |`)
    .join('\n');
