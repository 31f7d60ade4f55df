import ipaddr from 'ipaddr.js';

/** Ranges of ipaddr.js that a peer on the Internet cannot have. Documentation ranges count as public. */
const inside = new Set([
  'private',
  'carrierGradeNat',
  'loopback',
  'linkLocal',
  'uniqueLocal',
  'multicast',
  'broadcast',
  'unspecified',
]);

/** Peers repeat from tuple to tuple. */
const remembered = new Map<string, boolean | undefined>();
const maxRemembered = 10_000;

/** Whether an address is of the Internet; undefined when the text is no address. */
export function isPublic(address: string): boolean | undefined {
  if (address.length > 45) return undefined;
  if (remembered.has(address)) return remembered.get(address);
  if (remembered.size >= maxRemembered) remembered.clear();
  const answer = classify(address);
  remembered.set(address, answer);
  return answer;
}

function classify(address: string): boolean | undefined {
  // ipaddr.js reads `10` and `0x7f.1` as addresses too.
  if (!/^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f.]*:[0-9a-f:.]*)$/i.test(address) || !ipaddr.isValid(address))
    return undefined;
  return !inside.has(ipaddr.process(address).range());
}

/** `000D3AF87856` → `00-0D-3A-F8-78-56`, as the tables write it; any other text stays. */
export const hyphenated = (mac: string): string =>
  /^[0-9a-f]{12}$/i.test(mac) ? mac.toUpperCase().match(/../g)!.join('-') : mac;

export interface ResourceId {
  readonly subscription: string;
  readonly group: string;
  readonly provider: string;
  readonly type: string;
  readonly name: string;
}

/** Parts of an ARM id such as `/SUBSCRIPTIONS/s/RESOURCEGROUPS/g/PROVIDERS/p/type/name`; empty where it has none. */
export function parseResourceId(id: string): ResourceId {
  const parts = id.split('/');
  const after = (key: string) => {
    const at = parts.findIndex((part) => part.toLowerCase() === key);
    return at < 0 ? '' : (parts[at + 1] ?? '');
  };
  const at = parts.findIndex((part) => part.toLowerCase() === 'providers');
  const [provider = '', type = '', name = ''] = at < 0 ? [] : parts.slice(at + 1);
  return { subscription: after('subscriptions'), group: after('resourcegroups'), provider, type, name };
}
