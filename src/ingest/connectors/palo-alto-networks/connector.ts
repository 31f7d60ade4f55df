import type { Connector } from '../../connector.js';
import { continuesCef } from '../../formats/cef.js';
import { PlainCef } from '../../formats/cef-plain.js';
import { isPanosCsv } from './csv.js';
import { mapPaloAlto } from './map.js';

export const paloAltoNetworks: Connector = {
  id: 'PaloAltoNetworks',
  aliases: ['PaloAltoNetworksAma', 'PaloAlto', 'PAN-OS'],
  title: 'Palo Alto Networks PAN-OS and Strata Logging Service',
  tables: ['CommonSecurityLog'],
  transports: ['syslog', 'http', 'file'],
  formats: [
    'CEF templates of PAN-OS',
    'CEF of the Strata Logging Service (product LF)',
    'default CSV syslog of PAN-OS',
  ],
  decode: mapPaloAlto,
  continues: (line, open) => !isPanosCsv(line) && continuesCef(line, open),
  plain: (context) => new PlainCef(context),
};
