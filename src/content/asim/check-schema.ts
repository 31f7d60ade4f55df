import type { Column } from '../../tables/index.js';
import type { ParserFinding } from './findings.js';
import { networkSessionFields, networkSessionVariants } from './network-session.js';

/** Twins of the Src and Dst fields for sessions that an end point reports. */
const endpointTwin = /^(?:Local|Remote)(.+)$/;

/** Columns of a parser's result against the Network Session schema: errors for a mandatory field that is absent or a wrong type. */
export function checkParserSchema(columns: readonly Column[]): ParserFinding[] {
  const found: ParserFinding[] = [];
  const given = new Map(columns.map((column) => [column.name, column]));
  for (const [field, { class: kind, type }] of Object.entries(networkSessionFields)) {
    const column = given.get(field);
    if (column && column.type !== type)
      found.push({ severity: 'error', field, message: `has the type ${column.type} instead of ${type}` });
    if (column) continue;
    if (kind === 'mandatory') found.push({ severity: 'error', field, message: 'is mandatory and absent' });
    if (kind === 'recommended') found.push({ severity: 'warning', field, message: 'is recommended and absent' });
  }
  for (const { name: field, type } of columns) {
    if (networkSessionFields[field]) continue;
    const twin = networkSessionFields[`Src${endpointTwin.exec(field)?.[1]}`];
    const wanted = networkSessionVariants.includes(field) ? 'string' : twin?.type;
    if (wanted === undefined) found.push({ severity: 'info', field, message: 'is not in the schema' });
    else if (wanted !== type)
      found.push({ severity: 'error', field, message: `has the type ${type} instead of ${wanted}` });
  }
  return found;
}
