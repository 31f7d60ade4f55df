import type { Connector } from '../../connector.js';
import { securityTables } from '../security-events/connector.js';

/** The Security log of Windows machines, as the Azure Monitor Agent delivers it. */
export const windowsSecurityEvents: Connector = {
  id: 'WindowsSecurityEvents',
  title: 'Windows Security Events (Azure Monitor Agent)',
  ...securityTables,
};
