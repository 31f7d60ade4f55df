import type { Connector } from '../../connector.js';
import { continuesCef } from '../../formats/cef.js';
import { PlainCef } from '../../formats/cef-plain.js';
import { mapCheckPoint } from './map.js';

export const checkPoint: Connector = {
  id: 'CheckPoint',
  aliases: ['CheckPointAma', 'Check Point'],
  title: 'Check Point Log Exporter',
  tables: ['CommonSecurityLog'],
  transports: ['syslog', 'http', 'file'],
  formats: ['CEF', 'splunk mode (pipes)', 'syslog mode (RFC 5424 structured data)', 'generic mode', 'JSON mode'],
  decode: mapCheckPoint,
  continues: (line, open) => !/^\|?(?:time|hostname)=/.test(line) && continuesCef(line, open),
  plain: (context) => new PlainCef(context),
};
