import { DiagnosticError, fail } from '../../../base/index.js';
import type { HostedValue } from '../../entry.js';
import type { HostedOperation } from '../operation.js';
import { placeOf } from './access.js';
import { readPlace } from './read.js';
import { type ExternalFormat, recordsOf } from './records.js';

export { delimiters, type ExternalFormat, formatOf } from './records.js';

export interface ExternalSettings {
  readonly sources: readonly { readonly uri: string; readonly format: ExternalFormat }[];
  /** Places of the fields that become columns, in order. */
  readonly fields: readonly number[];
  /** The first record is a header: of no file, of each, or of the first one. */
  readonly header: 'none' | 'all' | 'first';
  /** The files lie in a zip archive. */
  readonly packed?: boolean | undefined;
}

/** Reads what lies outside the workspace, when whoever runs the query allows it: fields as texts, JSON as whole records. */
export const externalData: HostedOperation = {
  name: 'external-data',
  async run(_table, settings, host) {
    const { sources, fields, header, packed } = settings as ExternalSettings;
    const allowed = host.external ?? [];
    const rows: HostedValue[][] = [];
    // All of them are allowed before the first is read.
    const places = await Promise.all(sources.map((s) => placeOf(s.uri, allowed))).catch((error: unknown) => {
      const refusal = error instanceof DiagnosticError && error.diagnostics.find((d) => d.code === 'KQL4006');
      if (!refusal || !host.onMissing) throw error;
      host.onMissing(refusal);
      return [];
    });
    if (packed && places.length > 0)
      fail('KQL4005', 'external data in a zip archive is not read', { hint: 'unpack it, and name the file' });
    for (const [i, place] of places.entries()) {
      const text = await readPlace(place, allowed, host);
      const { format } = sources[i]!;
      let records: string[][];
      try {
        records = recordsOf(text, format);
      } catch (error) {
        return fail('KQL2006', `external data number ${i + 1} is no ${format}: ${(error as Error).message}`);
      }
      const skipped = header === 'all' || (header === 'first' && i === 0) ? 1 : 0;
      for (const record of records.slice(skipped)) {
        rows.push(fields.map((f) => record[f] ?? ''));
        if (rows.length % 512 === 0) await host.breathe();
      }
    }
    return rows;
  },
};
