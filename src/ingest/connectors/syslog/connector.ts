import type { Connector } from '../../connector.js';
import { mapSyslog } from './map.js';

export const syslog: Connector = {
  id: 'Syslog',
  aliases: ['SyslogAma'],
  title: 'Syslog of any product',
  tables: ['Syslog'],
  transports: ['syslog', 'http', 'file'],
  formats: ['RFC 5424', 'RFC 3164 in all its variants', 'syslog fields as JSON of a forwarder'],
  decode: mapSyslog,
};
