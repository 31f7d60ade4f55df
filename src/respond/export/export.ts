import { type IncidentView, tasksOf } from '../../detect/index.js';
import { csvLine } from './csv.js';
import { incidentMarkdown } from './markdown.js';
import { commentsOf, type ExportPart, evidence, parts } from './parts.js';

export const exportFormats = ['json', 'csv', 'markdown'] as const;
export type ExportFormat = (typeof exportFormats)[number];

export interface ExportOptions {
  readonly format: ExportFormat;
  /** Which table a CSV file holds; default `incidents`, one line for each. */
  readonly part?: ExportPart | undefined;
}

/** An incident with everything that is known about it. */
export const incidentRecord = (view: IncidentView) => ({
  incident: view.incident,
  alerts: view.alerts,
  entities: view.entities,
  timeline: view.timeline,
  comments: commentsOf(view),
  tasks: tasksOf(view.incident),
  evidence: view.events,
});

/**
 * Incidents as a file, piece by piece.
 *
 * JSON      `{incidents: [{incident, alerts, entities, timeline, comments, tasks, evidence}]}`
 * CSV       RFC 4180 in UTF-8 with a mark, as spreadsheets want it; no cell can be a formula
 * Markdown  a page for each incident; texts are inert and addresses defanged
 */
export async function* exportIncidents(
  views: AsyncIterable<IncidentView>,
  { format, part = 'incidents' }: ExportOptions,
): AsyncGenerator<string> {
  if (format === 'csv') return yield* csv(views, part);
  const [start, between, end] = format === 'json' ? ['{"incidents":[\n', ',\n', '\n]}\n'] : ['', '\n---\n\n', ''];
  let isFirst = true;
  yield start;
  for await (const view of views) {
    if (!isFirst) yield between;
    isFirst = false;
    yield format === 'json' ? JSON.stringify(incidentRecord(view)) : incidentMarkdown(view);
  }
  yield end;
}

async function* csv(views: AsyncIterable<IncidentView>, part: ExportPart): AsyncGenerator<string> {
  if (part === 'evidence') {
    // The columns are known only when all incidents are.
    const all: IncidentView[] = [];
    for await (const view of views) all.push(view);
    const table = evidence(all);
    yield `\uFEFF${csvLine(table.columns)}`;
    for (const view of all) yield table.rows(view).map(csvLine).join('');
    return;
  }
  const table = parts[part];
  yield `\uFEFF${csvLine(table.columns)}`;
  for await (const view of views) yield table.rows(view).map(csvLine).join('');
}
