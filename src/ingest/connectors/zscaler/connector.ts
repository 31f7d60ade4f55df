import type { Connector } from '../../connector.js';
import { continuesCef } from '../../formats/cef.js';
import { PlainCef } from '../../formats/cef-plain.js';
import { mapZscaler } from './map.js';

export const zscaler: Connector = {
  id: 'Zscaler',
  aliases: ['ZscalerAma', 'ZscalerNSS'],
  title: 'Zscaler Internet Access (NSS) and Private Access',
  tables: ['CommonSecurityLog'],
  transports: ['syslog', 'http', 'file'],
  formats: ['NSS feeds in CEF', 'NSS feeds as key=value, tab- or blank-separated', 'Cloud NSS and Private Access JSON'],
  decode: mapZscaler,
  continues: continuesCef,
  plain: (context) => new PlainCef(context),
};
