import type { Connector } from '../../connector.js';
import { decodeNsg } from './map.js';

export const azureNsg: Connector = {
  id: 'AzureNSG',
  title: 'Azure network security groups',
  tables: ['AzureNetworkAnalytics_CL', 'NTANetAnalytics', 'AzureDiagnostics'],
  // An export that lost its suffixes looks like NTANetAnalytics.
  exports: ['AzureNetworkAnalytics_CL', 'AzureDiagnostics'],
  transports: ['file', 'http', 's3'],
  formats: [
    'NSG flow logs, versions 1 and 2 (PT1H.json, also half written)',
    'virtual network flow logs, version 4',
    'diagnostic logs NetworkSecurityGroupEvent and NetworkSecurityGroupRuleCounter',
    'CSV export of AzureNetworkAnalytics_CL',
  ],
  decode: decodeNsg,
};
