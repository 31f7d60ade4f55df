import type { Connector } from '../../connector.js';
import { decodeDefender } from './map.js';
import { customTables, huntingTables } from './tables.js';

export const defenderXdr: Connector = {
  id: 'MicrosoftThreatProtection',
  title: 'Microsoft Defender XDR',
  tables: [...huntingTables, ...customTables],
  transports: ['file', 'http', 's3'],
  formats: [
    'streaming API: one envelope a line (storage) or {"records": […]} (Event Hubs)',
    'advanced hunting: JSON rows, API answers, CSV export',
    'Graph security alerts v2',
  ],
  decode: decodeDefender,
};
