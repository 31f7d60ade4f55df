import type { DecodeContext } from '../../connector.js';
import type { LogEvent } from '../windows/event.js';

const address = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f:.]*:[0-9a-f:.]*)$/i;
const notOwn = /^(?:127\.|0\.0\.0\.0$|::1?$|::ffff:127\.)/i;

const memoryKey = 'sysmon-linux addresses';

/**
 * The address of the machine for Syslog.HostIP. The session parser takes a connection for outbound when its source equals this.
 * The sender's address is best; without it, the local end of a connection tells (the source when this machine initiated it), and
 * other records of the same host get the last address seen so.
 */
export function hostAddress(event: LogEvent | undefined, host: string, context: DecodeContext): string | undefined {
  if (context.sender !== undefined && address.test(context.sender)) return context.sender;
  let known = context.file.get(memoryKey) as Map<string, string> | undefined;
  if (!known) {
    known = new Map();
    context.file.set(memoryKey, known);
  }
  if (event?.eventId === 3) {
    const value = (name: string): string => event.data.find((item) => item.name === name)?.value ?? '';
    const isOutbound = value('Initiated').toLowerCase() === 'true';
    const local = value(isOutbound ? 'SourceIp' : 'DestinationIp');
    if (address.test(local) && !notOwn.test(local)) {
      known.set(host, local);
      return local;
    }
  }
  return known.get(host);
}
