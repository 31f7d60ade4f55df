import type { Connector } from '../../connector.js';
import { continuesEvent, decodeEvents, evtxFormat } from '../windows/decode.js';
import { windowsFormats } from '../windows/formats.js';
import { toWindowsEvent } from './map.js';

/** Events that a Windows Event Collector gathered from other machines. */
export const windowsForwardedEvents: Connector = {
  id: 'WindowsForwardedEvents',
  title: 'Windows Forwarded Events',
  tables: ['WindowsEvent'],
  transports: ['syslog', 'http', 'file'],
  formats: windowsFormats,
  decode: (record, context) => decodeEvents(record, context, toWindowsEvent),
  continues: continuesEvent,
  files: evtxFormat(toWindowsEvent),
};
