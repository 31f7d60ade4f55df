import { userInfo } from 'node:os';

/** Who makes a change when nothing else is said: the user of the process. */
export function currentUser(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under an id that no user has.
    return process.env.USER || 'unknown';
  }
}
