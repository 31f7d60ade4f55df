import type { Connector } from '../../connector.js';
import { decodeVectra } from './map.js';

export const vectraStream: Connector = {
  id: 'AIVectraStream',
  title: 'Vectra AI Stream',
  tables: ['VectraStream_CL', 'CommonSecurityLog', 'Syslog'],
  transports: ['syslog', 'file', 'http'],
  formats: [
    'Stream metadata: one JSON object a line, with or without a syslog header',
    'Vectra Detect: CEF or JSON over syslog',
  ],
  decode: decodeVectra,
};
