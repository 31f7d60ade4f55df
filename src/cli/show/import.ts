import pc from 'picocolors';
import type { RejectGroup } from '../../ingest/index.js';
import { cellText, cut, table } from '../output.js';

/** What was rejected and why, as lines of a report; none when nothing was. */
export function rejectsText(rejects: readonly RejectGroup[]): string[] {
  if (rejects.length === 0) return [];
  const rows = rejects.map((r) => [r.code, String(r.count), r.reason, cut(cellText(r.sample), 50)]);
  const columns = [
    { title: 'Code' },
    { title: 'Count', right: true },
    { title: 'Rejected because' },
    { title: 'First' },
  ];
  return ['', table(columns, rows), '', pc.dim('Every rejected record is kept whole in VedetteReject_CL.')];
}

export const rejectedText = (rejected: number): string =>
  rejected === 0 ? pc.green('none rejected') : pc.yellow(`${rejected.toLocaleString('en-US')} rejected`);
