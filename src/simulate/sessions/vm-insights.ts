import type { Session } from '../plot.js';
import type { Random } from '../random.js';
import { isoSeconds, minute } from '../time.js';
import { lines, type Told } from './teller.js';

/** VMConnection rows as the Dependency agent uploads them: a row for a connection and a minute. */
export function vmInsights(sessions: readonly Session[], draw: Random): Told[] {
  const rows = sessions.map((session) => {
    const inbound = session.direction === 'inbound';
    const bytes = [session.sentBytes, session.receivedBytes];
    // The agent counts from its own side: of an inbound connection it sent what the other end received.
    const [sent, received] = inbound ? bytes.reverse() : bytes;
    return JSON.stringify({
      TimeGenerated: isoSeconds(Math.floor(session.start / minute) * minute),
      Computer: session.person.device,
      AgentId: session.person.objectId,
      Machine: `m-${session.person.objectId}`,
      Process: `p-${draw.hex(40)}`,
      ProcessName: inbound ? 'svchost' : 'msedge',
      Direction: inbound ? 'inbound' : 'outbound',
      SourceIp: session.source,
      DestinationIp: session.destination,
      DestinationPort: session.destinationPort,
      Protocol: 'tcp',
      RemoteIp: inbound ? session.source : session.destination,
      RemoteDnsCanonicalNames: JSON.stringify(session.name ? [session.name] : []),
      RemoteCountry: null,
      MaliciousIp: '',
      BytesSent: sent,
      BytesReceived: received,
      LinksEstablished: 1,
      LinksTerminated: 1,
      LinksFailed: 0,
      LinksLive: 0,
      Responses: 1,
      ResponseTimeMin: 40,
      ResponseTimeMax: 210,
      ResponseTimeSum: 210,
      ConnectionId: draw.guid(),
    });
  });
  return [lines('session.jsonl', rows)];
}
