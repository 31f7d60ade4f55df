import type { Connector } from '../../connector.js';
import { continuesCef } from '../../formats/cef.js';
import { PlainCef } from '../../formats/cef-plain.js';
import { mapFortinet } from './map.js';

export const fortinet: Connector = {
  id: 'Fortinet',
  aliases: ['FortinetAma', 'FortiGate'],
  title: 'Fortinet FortiGate',
  tables: ['CommonSecurityLog'],
  transports: ['syslog', 'http', 'file'],
  formats: [
    'CEF',
    'FortiOS key=value syslog, quoted or not, blank- or comma-separated',
    'JSON objects of FortiOS fields',
  ],
  decode: mapFortinet,
  continues: (line, open) => !/^(?:date|devname|logver|itime)=/.test(line) && continuesCef(line, open),
  plain: (context) => new PlainCef(context),
};
