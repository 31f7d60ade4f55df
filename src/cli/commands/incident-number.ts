import { userInfo } from 'node:os';
import { fail } from '../../base/index.js';

/** Reads the number of an incident. Errors CLI6001. */
export const incidentNumber = (given: string): number =>
  /^\d{1,9}$/.test(given) ? Number(given) : fail('CLI6001', `'${given}' is not the number of an incident`);

export const byOption = ['--by <name>', 'who makes the change (default: the user of this machine)'] as const;

/** Who makes a change. */
export function author(by: string | undefined): string {
  if (by !== undefined) return by;
  try {
    return userInfo().username;
  } catch {
    // A container may run as a user without a name.
    return fail('CLI6001', 'this user has no name', { hint: 'say who you are with --by' });
  }
}
