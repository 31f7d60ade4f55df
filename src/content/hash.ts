import { createHash } from 'node:crypto';

/** SHA-256 of a content text in hex. Line ends and blanks at the end do not count: a checkout may change them. */
export function contentHash(text: string): string {
  return createHash('sha256').update(text.replaceAll('\r\n', '\n').trimEnd()).digest('hex');
}
