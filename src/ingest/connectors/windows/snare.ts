import type { DecodeContext } from '../../connector.js';
import { isAuditing, providerName } from './data-order.js';
import type { LogEvent } from './event.js';
import { dataOfMessage } from './message-fields.js';
import { taskOf } from './tasks.js';
import { timeOf } from './time.js';
import { keywordsOf, levelOf } from './words.js';

export const isSnare = (text: string): boolean => /MSWinEventLog(?:\t|#011)/.test(text);

const present = (field: string | undefined): string | undefined =>
  field === undefined || field === '' || field === 'N/A' ? undefined : field;

/**
 * Reads a Snare line: `MSWinEventLog`, criticality, log, counter, time, event id, source, user, SID type, event type, computer,
 * category, data, message, checksum or record number; between tabs, which a relay may have written as `#011`.
 *
 * Errors  a reason in words when fields are missing
 */
export function eventOfSnare(text: string, context: DecodeContext): LogEvent | { readonly reason: string } {
  const fields = text.slice(text.indexOf('MSWinEventLog')).split(/\t|#011/);
  if (fields.length < 12) return { reason: `Snare line has ${fields.length} fields of at least 12` };
  const [, , log, , written, id, source, user, , type, computer, category, strings, message] = fields;
  if (!/^\d{1,5}$/.test(id!)) return { reason: 'Snare line has no numeric event id' };
  const eventId = Number(id);
  const provider = providerName(present(source));
  const body = present(message) ?? present(strings);
  return {
    eventId,
    provider,
    channel: present(log),
    level: isAuditing(provider) ? 0 : levelOf(type),
    keywords: keywordsOf(/audit/i.test(type!) ? type : undefined),
    task: taskOf(category!),
    time: timeOf(written, context),
    computer: present(computer),
    userName: present(user),
    message: body,
    data: isAuditing(provider) && body ? dataOfMessage(eventId, body) : [],
  };
}
