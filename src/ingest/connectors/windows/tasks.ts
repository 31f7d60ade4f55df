/** Audit subcategories of the Security channel: name → Task. Forwarders that render the task send the name alone. */
// biome-ignore format: a table
const tasks: Readonly<Record<string, number>> = {
  'Service shutdown': 103, 'Log clear': 104, 'Log automatic backup': 105, 'Event processing': 101,
  'Security State Change': 12288, 'Security System Extension': 12289, 'System Integrity': 12290, 'IPsec Driver': 12291,
  'Other System Events': 12292, Logon: 12544, Logoff: 12545, 'Account Lockout': 12546, 'IPsec Main Mode': 12547,
  'Special Logon': 12548, 'IPsec Quick Mode': 12549, 'IPsec Extended Mode': 12550, 'Other Logon/Logoff Events': 12551,
  'Network Policy Server': 12552, 'User / Device Claims': 12553, 'Group Membership': 12554, 'File System': 12800,
  Registry: 12801, 'Kernel Object': 12802, SAM: 12803, 'Other Object Access Events': 12804,
  'Certification Services': 12805, 'Application Generated': 12806, 'Handle Manipulation': 12807, 'File Share': 12808,
  'Filtering Platform Packet Drop': 12809, 'Filtering Platform Connection': 12810, 'Detailed File Share': 12811,
  'Removable Storage': 12812, 'Central Policy Staging': 12813, 'Central Access Policy Staging': 12813,
  'Sensitive Privilege Use': 13056, 'Non Sensitive Privilege Use': 13057, 'Other Privilege Use Events': 13058,
  'Process Creation': 13312, 'Process Termination': 13313, 'DPAPI Activity': 13314, 'RPC Events': 13315,
  'Plug and Play Events': 13316, 'Token Right Adjusted Events': 13317, 'Audit Policy Change': 13568,
  'Authentication Policy Change': 13569, 'Authorization Policy Change': 13570,
  'MPSSVC Rule-Level Policy Change': 13571, 'Filtering Platform Policy Change': 13572,
  'Other Policy Change Events': 13573, 'User Account Management': 13824, 'Computer Account Management': 13825,
  'Security Group Management': 13826, 'Distribution Group Management': 13827, 'Application Group Management': 13828,
  'Other Account Management Events': 13829, 'Directory Service Access': 14080, 'Directory Service Changes': 14081,
  'Directory Service Replication': 14082, 'Detailed Directory Service Replication': 14083,
  'Credential Validation': 14336, 'Kerberos Service Ticket Operations': 14337, 'Other Account Logon Events': 14338,
  'Kerberos Authentication Service': 14339,
};

const byName = new Map(Object.entries(tasks).map(([name, task]) => [name.toLowerCase(), task]));

export const taskOf = (name: string): number | undefined => byName.get(name.trim().toLowerCase());
