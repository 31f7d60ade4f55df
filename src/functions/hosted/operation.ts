import { fail } from '../../base/index.js';
import type { Column } from '../../tables/index.js';
import type { Host, HostedValue } from '../entry.js';

export interface HostedTable {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly HostedValue[])[];
}

/** A table in, rows out: an operator or plugin that the engine cannot express. */
export interface HostedOperation {
  readonly name: string;
  /** `settings` is what lowering put into the node. Rows have the columns of the node, without those of its `per`. */
  run(input: HostedTable, settings: unknown, host: Host): Promise<readonly (readonly HostedValue[])[]>;
}

/** Code of an operation's own limits, such as a pattern space that would not fit memory. */
export const tooMuch = (name: string, what: string, hint: string): never =>
  fail('KQL2005', `${name}: ${what}`, { hint });
