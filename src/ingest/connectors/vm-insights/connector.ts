import type { Connector } from '../../connector.js';
import { decodeVmInsights, tables } from './map.js';

export const vmInsights: Connector = {
  id: 'AzureMonitor(VMInsights)',
  aliases: ['VMInsights'],
  title: 'Azure Monitor VM insights',
  tables,
  transports: ['file', 'http', 's3'],
  formats: ['JSON rows with the column names of VMConnection, VMBoundPort, VMComputer and VMProcess'],
  decode: decodeVmInsights,
};
