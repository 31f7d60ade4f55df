import { type Clock, fail } from '../base/index.js';
import { type IncidentChange, type IncidentView, incidents } from '../detect/index.js';
import { type ExportOptions, exportIncidents, sourceOf } from '../respond/index.js';
import type { Store } from '../store/index.js';
import type { Row } from '../tables/index.js';
import { unwrap } from './engine.js';

/** The incidents of a workspace, by their numbers. */
export interface WorkspaceIncidents {
  /** Rows of SecurityIncident in their newest state, the newest number first. */
  list(): Promise<Row[]>;
  show(incidentNumber: number): Promise<IncidentView>;
  /**
   * Appends a row of SecurityIncident with the changed values, and one of SentinelAudit that says what `by` changed. A
   * change that says nothing new writes nothing.
   */
  update(incidentNumber: number, change: IncidentChange, by: string): Promise<Row>;
  /** Incidents as pieces of a JSON, CSV or Markdown file. */
  export(incidentNumbers: readonly number[] | 'all', options: ExportOptions): AsyncIterable<string>;
}

export function workspaceIncidents(store: Store, clock: Clock): WorkspaceIncidents {
  const all = incidents(store);
  async function* views(wanted: readonly number[] | 'all'): AsyncGenerator<IncidentView> {
    const numbers = wanted === 'all' ? (await all.list()).map((row) => Number(row.IncidentNumber)) : wanted;
    for (const incidentNumber of numbers) yield unwrap(await all.show(incidentNumber));
  }
  return {
    list: () => all.list(),
    show: async (incidentNumber) => unwrap(await all.show(incidentNumber)),
    async update(incidentNumber, change, by) {
      if (by.trim() === '') fail('CLI6001', 'a change needs the name of whoever makes it');
      // Automation knows its own changes and those of rules by these names.
      if (sourceOf(by) !== 'User') fail('CLI6001', `'${by}' is not the name of a person`);
      return unwrap(await all.update(incidentNumber, change, by, clock.now()));
    },
    export: (wanted, options) => exportIncidents(views(wanted), options),
  };
}
