import { severities } from '../content/index.js';
import type { Row } from '../tables/index.js';
import { isoTime, uuidOf } from './identity.js';
import { limits } from './limits.js';

/** Fields that `incident update` may change. */
export interface IncidentChange {
  readonly status?: IncidentStatus | undefined;
  readonly severity?: (typeof severities)[number] | undefined;
  readonly classification?: (typeof classifications)[number] | undefined;
  readonly classificationReason?: (typeof classificationReasons)[number] | undefined;
  readonly classificationComment?: string | undefined;
  readonly owner?: string | undefined;
  /** All tags; the next two change some and leave the others. */
  readonly labels?: readonly string[] | undefined;
  readonly addLabels?: readonly string[] | undefined;
  readonly removeLabels?: readonly string[] | undefined;
  readonly comment?: string | undefined;
  /** With an id of its own the task is added once, however often the change is made. */
  readonly addTask?:
    | { readonly title: string; readonly description?: string | undefined; readonly id?: string | undefined }
    | undefined;
  /** Id of a task that is done. */
  readonly completeTask?: string | undefined;
}

/** A step of the investigation, as the Tasks column holds it. */
export interface IncidentTask {
  readonly taskId: string;
  readonly title: string;
  readonly description: string;
  readonly status: 'New' | 'Completed';
  readonly createdBy: { readonly name: string };
  readonly createdTimeUtc: string;
  readonly lastModifiedTimeUtc: string;
}

export const incidentStatuses = ['New', 'Active', 'Closed'] as const;
export type IncidentStatus = (typeof incidentStatuses)[number];
export const classifications = ['TruePositive', 'BenignPositive', 'FalsePositive', 'Undetermined'] as const;
export const classificationReasons = [
  'SuspiciousActivity',
  'SuspiciousButExpected',
  'IncorrectAlertLogic',
  'InaccurateData',
] as const;

/** Which reasons the product offers for a classification. */
export const reasonsOf: Readonly<
  Record<(typeof classifications)[number], readonly (typeof classificationReasons)[number][]>
> = {
  TruePositive: ['SuspiciousActivity'],
  BenignPositive: ['SuspiciousButExpected'],
  FalsePositive: ['IncorrectAlertLogic', 'InaccurateData'],
  Undetermined: [],
};

const text = (row: Row, column: string): string => (typeof row[column] === 'string' ? (row[column] as string) : '');
export const list = (row: Row, column: string): string[] =>
  Array.isArray(row[column]) ? (row[column] as unknown[]).map(String) : [];

/** A new incident over alerts of one rule. Name and details come from the first alert; its number is given on writing. */
export function openIncident(ruleId: string, alerts: readonly Row[], now: number): Row {
  const first = alerts[0]!;
  const time = isoTime(now);
  const incident: Row = {
    TimeGenerated: time,
    IncidentName: uuidOf('incident', text(first, 'SystemAlertId')),
    Title: text(first, 'DisplayName'),
    Description: [...text(first, 'Description')].slice(0, limits.incidentDescriptionChars).join(''),
    Severity: text(first, 'AlertSeverity'),
    Status: 'New',
    Owner: { objectId: null, email: null, assignedTo: null, userPrincipalName: null },
    CreatedTime: time,
    LastModifiedTime: time,
    AlertIds: [],
    BookmarkIds: [],
    RelatedAnalyticRuleIds: [ruleId],
    Labels: [],
    Comments: [],
    Tasks: [],
    AdditionalData: {},
    ProviderName: 'Azure Sentinel',
    ModifiedBy: 'Incident created from alert',
    SourceSystem: 'Azure',
    Type: 'SecurityIncident',
  };
  return { ...incident, ...withAlerts(incident, alerts) };
}

/** The incident with further alerts; those that it has already change nothing. */
export function addAlerts(incident: Row, alerts: readonly Row[], now: number): Row {
  const present = new Set(list(incident, 'AlertIds'));
  const added = alerts.filter((alert) => !present.has(text(alert, 'SystemAlertId')));
  if (added.length === 0) return incident;
  const reopened =
    incident.Status === 'Closed'
      ? { Status: 'New', ClosedTime: null, Classification: '', ClassificationReason: '', ClassificationComment: '' }
      : {};
  return modified({ ...incident, ...reopened, ...withAlerts(incident, added) }, now, 'Alert updates');
}

/** What alerts add to an incident: severity is the highest, times are the widest, tactics and techniques the union. */
function withAlerts(incident: Row, alerts: readonly Row[]): Row {
  const ids = [...list(incident, 'AlertIds'), ...alerts.map((alert) => text(alert, 'SystemAlertId'))];
  const all = [incident.Severity, ...alerts.map((alert) => alert.AlertSeverity)];
  const times = (column: string, own: string) =>
    [text(incident, own), ...alerts.map((alert) => text(alert, column))].filter(Boolean).sort();
  const before = (incident.AdditionalData ?? {}) as Record<string, unknown>;
  const union = (key: string, of: (alert: Row) => readonly string[]) => [
    ...new Set([...(Array.isArray(before[key]) ? (before[key] as string[]) : []), ...alerts.flatMap(of)]),
  ];
  return {
    AlertIds: ids,
    Severity: severities.findLast((severity) => all.includes(severity)) ?? 'Informational',
    FirstActivityTime: times('StartTime', 'FirstActivityTime')[0] ?? null,
    LastActivityTime: times('EndTime', 'LastActivityTime').at(-1) ?? null,
    AdditionalData: {
      alertsCount: ids.length,
      bookmarksCount: list(incident, 'BookmarkIds').length,
      commentsCount: list(incident, 'Comments').length,
      alertProductNames: union('alertProductNames', (alert) => [text(alert, 'ProductName')]),
      tactics: union('tactics', (alert) => text(alert, 'Tactics').split(',').filter(Boolean)),
      techniques: union('techniques', (alert) => parseList(text(alert, 'Techniques'))),
    },
  };
}

function parseList(json: string): string[] {
  try {
    const value = JSON.parse(json);
    return Array.isArray(value) ? value.map(String) : [];
  } catch {
    return [];
  }
}

/** Why the change cannot be made; undefined when it can. */
export function refusal(incident: Row, change: IncidentChange): string | undefined {
  const tasks = tasksOf(incident);
  const isNew = change.addTask && !tasks.some((task) => task.taskId === change.addTask?.id);
  if (isNew && tasks.length >= limits.tasksPerIncident) return `an incident can have ${limits.tasksPerIncident} tasks`;
  if (change.completeTask !== undefined && !tasks.some((task) => task.taskId === change.completeTask))
    return `the incident has no task ${change.completeTask}`;
  const unclassified = closingRefusal(incident, change);
  if (unclassified) return unclassified;
  if (change.comment === undefined) return undefined;
  const comments = Array.isArray(incident.Comments) ? incident.Comments.length : 0;
  if (comments >= limits.commentsPerIncident) return `an incident can have ${limits.commentsPerIncident} comments`;
  const chars = [...change.comment].length;
  return chars > limits.commentChars ? `a comment can have ${limits.commentChars} characters, not ${chars}` : undefined;
}

function closingRefusal(incident: Row, change: IncidentChange): string | undefined {
  const { classification = incident.Classification, classificationReason: reason } = change;
  const isClosed = (change.status ?? incident.Status) === 'Closed';
  if (change.status === 'Closed' && !classification) return 'an incident is closed with a classification';
  if (!isClosed && (change.classification || reason)) return 'an incident is classified when it is closed';
  const fitting = reasonsOf[classification as keyof typeof reasonsOf];
  if (!reason || fitting?.includes(reason)) return undefined;
  return `${classification || 'an incident without classification'} has no reason ${reason}${
    fitting?.length ? `, but ${fitting.join(', ')}` : ''
  }`;
}

export const tasksOf = (incident: Row): IncidentTask[] =>
  Array.isArray(incident.Tasks) ? (incident.Tasks as unknown as IncidentTask[]) : [];

/** Applies what a person or a rule decides. A change that says nothing new leaves the incident as it is. */
export function changeIncident(incident: Row, change: IncidentChange, by: string, now: number): Row {
  const set: Row = {};
  if (change.severity) set.Severity = change.severity;
  if (change.owner !== undefined && change.owner !== ownerOf(incident)) {
    set.Owner = {
      objectId: null,
      email: null,
      assignedTo: change.owner || null,
      userPrincipalName: change.owner || null,
    };
  }
  const labels = changedLabels(incident, change);
  if (labels) set.Labels = labels;
  if (change.status && change.status !== incident.Status) {
    set.Status = change.status;
    set.ClosedTime = change.status === 'Closed' ? isoTime(now) : null;
    if (change.status !== 'Closed') {
      Object.assign(set, { Classification: '', ClassificationReason: '', ClassificationComment: '' });
    }
  }
  if (change.classification) {
    set.Classification = change.classification;
    // A reason belongs to its classification.
    if (change.classification !== incident.Classification) set.ClassificationReason = '';
  }
  if (change.classificationReason) set.ClassificationReason = change.classificationReason;
  if (change.classificationComment !== undefined) set.ClassificationComment = change.classificationComment;
  if (change.comment) {
    const comments = Array.isArray(incident.Comments) ? (incident.Comments as unknown[]) : [];
    set.Comments = [...comments, { message: change.comment, author: { name: by }, createdTimeUtc: isoTime(now) }];
    const before = (incident.AdditionalData ?? {}) as Record<string, unknown>;
    set.AdditionalData = { ...before, commentsCount: comments.length + 1 };
  }
  const tasks = changedTasks(incident, change, by, isoTime(now));
  if (tasks) set.Tasks = tasks;
  const isNew = (column: string) => JSON.stringify(set[column]) !== JSON.stringify(incident[column] ?? null);
  if (!Object.keys(set).some(isNew)) return incident;
  return modified({ ...incident, ...set }, now, by);
}

export const ownerOf = (incident: Row): string => {
  const owner = (incident.Owner ?? {}) as { assignedTo?: unknown };
  return typeof owner.assignedTo === 'string' ? owner.assignedTo : '';
};

interface Label {
  readonly labelName: string;
  readonly labelType: string;
}

export const labelsOf = (incident: Row): Label[] =>
  Array.isArray(incident.Labels) ? (incident.Labels as unknown as Label[]) : [];

/** Tags are compared without case, as the product does; a tag that is there keeps its spelling. */
function changedLabels(incident: Row, change: IncidentChange): Label[] | undefined {
  const { labels, addLabels = [], removeLabels = [] } = change;
  if (!labels && addLabels.length + removeLabels.length === 0) return undefined;
  const key = (name: string) => name.toLowerCase();
  const present = labelsOf(incident);
  const known = new Map(present.map((label) => [key(label.labelName), label]));
  const start = labels ?? present.map((label) => label.labelName);
  const removed = new Set(removeLabels.map(key));
  const wanted = [...start, ...addLabels].filter((name) => !removed.has(key(name)));
  const unique = new Map(
    wanted.map((name) => [key(name), known.get(key(name)) ?? { labelName: name, labelType: 'User' }]),
  );
  return [...unique.values()];
}

function changedTasks(incident: Row, change: IncidentChange, by: string, time: string): IncidentTask[] | undefined {
  const { addTask, completeTask } = change;
  if (!addTask && completeTask === undefined) return undefined;
  const tasks = tasksOf(incident).map(
    (task): IncidentTask =>
      task.taskId === completeTask && task.status !== 'Completed'
        ? { ...task, status: 'Completed', lastModifiedTimeUtc: time }
        : task,
  );
  if (!addTask || tasks.some((task) => task.taskId === addTask.id)) return tasks;
  const { title, description = '' } = addTask;
  const taskId = addTask.id ?? uuidOf('task', text(incident, 'IncidentName'), String(tasks.length), title, time);
  const times = { createdTimeUtc: time, lastModifiedTimeUtc: time };
  return [...tasks, { taskId, title, description, status: 'New', createdBy: { name: by }, ...times }];
}

/** A newer row of the same incident. Its time always grows, or the older row might win. */
function modified(incident: Row, now: number, by: string): Row {
  const before = Date.parse(text(incident, 'LastModifiedTime'));
  const time = isoTime(Math.max(now, Number.isNaN(before) ? now : before + 1));
  return {
    ...incident,
    TimeGenerated: time,
    LastModifiedTime: time,
    FirstModifiedTime: text(incident, 'FirstModifiedTime') || time,
    ModifiedBy: by,
  };
}
