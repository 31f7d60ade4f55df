import type { Connector } from '../../connector.js';
import { continuesCef } from '../../formats/cef.js';
import { PlainCef } from '../../formats/cef-plain.js';
import { mapCef } from './map.js';

export const cef: Connector = {
  id: 'CEF',
  aliases: ['CefAma'],
  title: 'Common Event Format of any product',
  tables: ['CommonSecurityLog'],
  transports: ['syslog', 'http', 'file'],
  formats: ['CEF, version 0 or 1, with or without a syslog header'],
  decode: mapCef,
  continues: continuesCef,
  plain: (context) => new PlainCef(context),
};
