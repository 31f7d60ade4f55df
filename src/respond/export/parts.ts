import { type IncidentView, labelsOf, ownerOf, tasksOf } from '../../detect/index.js';

export interface Comment {
  readonly time: string;
  readonly author: string;
  readonly message: string;
}

export function commentsOf({ incident }: IncidentView): Comment[] {
  const stored = Array.isArray(incident.Comments) ? (incident.Comments as StoredComment[]) : [];
  return stored.map(({ message, author, createdTimeUtc }) => ({
    time: createdTimeUtc ?? '',
    author: author?.name ?? '',
    message: message ?? '',
  }));
}

interface StoredComment {
  readonly message?: string;
  readonly author?: { readonly name?: string };
  readonly createdTimeUtc?: string;
}

interface Details {
  readonly tactics?: readonly string[];
  readonly techniques?: readonly string[];
}

export const detailsOf = ({ incident }: IncidentView): Details => (incident.AdditionalData ?? {}) as Details;

export const tagsOf = ({ incident }: IncidentView): string[] => labelsOf(incident).map((label) => label.labelName);

/** A view of an incident as a table: names of the columns, and for each row a value for each of them. */
export interface Part {
  readonly columns: readonly string[];
  rows(view: IncidentView): readonly (readonly unknown[])[];
}

const ofIncident = ['IncidentNumber', 'Title'] as const;
const common = ({ incident }: IncidentView) => [incident.IncidentNumber, incident.Title];

const plain = [
  ...['IncidentNumber', 'IncidentName', 'Title', 'Severity', 'Status', 'Classification', 'ClassificationReason'],
  ...[
    'ClassificationComment',
    'CreatedTime',
    'LastModifiedTime',
    'ClosedTime',
    'FirstActivityTime',
    'LastActivityTime',
  ],
] as const;

/** The tables that an incident can be exported as; the columns of evidence depend on the rules. */
export const parts = {
  incidents: {
    columns: [...plain, 'Owner', 'Alerts', 'Entities', 'Tactics', 'Techniques', 'Tags', 'Comments', 'Description'],
    rows: (view) => [
      [
        ...plain.map((column) => view.incident[column]),
        ownerOf(view.incident),
        view.alerts.length,
        view.entities.map((entity) => entity.name).join('; '),
        (detailsOf(view).tactics ?? []).join('; '),
        (detailsOf(view).techniques ?? []).join('; '),
        tagsOf(view).join('; '),
        commentsOf(view).length,
        view.incident.Description,
      ],
    ],
  },
  alerts: {
    columns: [...ofIncident, 'SystemAlertId', 'AlertName', 'AlertSeverity', 'StartTime', 'EndTime', 'Entities'],
    rows: (view) =>
      view.alerts.map((alert) => [
        ...common(view),
        ...['SystemAlertId', 'AlertName', 'AlertSeverity', 'StartTime', 'EndTime', 'Entities'].map((c) => alert[c]),
      ]),
  },
  entities: {
    columns: [...ofIncident, 'Type', 'Name', 'Identified', 'Alerts', 'Entity'],
    rows: (view) =>
      view.entities.map(({ entity, name, strong, alertIds }) => [
        ...common(view),
        ...[entity.Type, name, strong ? 'strongly' : 'weakly', alertIds.length, entity],
      ]),
  },
  timeline: {
    columns: [...ofIncident, 'Time', 'Kind', 'Text'],
    rows: (view) => view.timeline.map(({ time, kind, text }) => [...common(view), time, kind, text]),
  },
  comments: {
    columns: [...ofIncident, 'Time', 'Author', 'Message'],
    rows: (view) => commentsOf(view).map(({ time, author, message }) => [...common(view), time, author, message]),
  },
  tasks: {
    columns: [...ofIncident, 'Task', 'Description', 'Status', 'By', 'Created'],
    rows: (view) =>
      tasksOf(view.incident).map(({ title, description, status, createdBy, createdTimeUtc }) => [
        ...common(view),
        ...[title, description, status, createdBy?.name, createdTimeUtc],
      ]),
  },
} as const satisfies Record<string, Part>;

export const exportParts = [...(Object.keys(parts) as (keyof typeof parts)[]), 'evidence'] as const;
export type ExportPart = (typeof exportParts)[number];

/** The result rows behind the alerts, under all columns that any of the rules returned. */
export function evidence(views: readonly IncidentView[]): Part {
  const columns = [
    ...new Set(views.flatMap((view) => view.events.flatMap((e) => e.columns.map((column) => column.name)))),
  ];
  return {
    columns: [...ofIncident, 'Rule', ...columns],
    rows: (view) =>
      view.events.flatMap((e) => {
        const places = columns.map((column) => e.columns.findIndex((own) => own.name === column));
        return e.rows.map((row) => [...common(view), e.ruleName, ...places.map((place) => row[place])]);
      }),
  };
}
