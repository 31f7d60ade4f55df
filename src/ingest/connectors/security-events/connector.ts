import type { Connector } from '../../connector.js';
import { continuesEvent, decodeEvents, evtxFormat } from '../windows/decode.js';
import { windowsFormats } from '../windows/formats.js';
import { toSecurityTables } from './map.js';

/** What SecurityEvents and WindowsSecurityEvents share: the agents differ, the tables and the decoding do not. */
export const securityTables = {
  tables: ['SecurityEvent', 'Event'],
  transports: ['syslog', 'http', 'file'],
  formats: windowsFormats,
  decode: (record, context) => decodeEvents(record, context, toSecurityTables),
  continues: continuesEvent,
  files: evtxFormat(toSecurityTables),
} satisfies Omit<Connector, 'id' | 'title'>;

/** The Security log of Windows machines, as the legacy agent delivers it. */
export const securityEvents: Connector = {
  id: 'SecurityEvents',
  title: 'Security Events (legacy agent)',
  ...securityTables,
};
