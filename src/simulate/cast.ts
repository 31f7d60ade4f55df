import type { Random } from './random.js';

/** An employee, the account and the computer. */
export interface Person {
  readonly givenName: string;
  readonly surname: string;
  readonly account: string;
  readonly domain: string;
  readonly upn: string;
  readonly mail: string;
  readonly objectId: string;
  readonly sid: string;
  readonly department: string;
  /** Fully qualified, lower case. */
  readonly device: string;
  readonly deviceId: string;
  readonly address: string;
}

const names = [
  ['Ana', 'Costa'],
  ['Ben', 'Okafor'],
  ['Chloe', 'Martin'],
  ['Dev', 'Patel'],
  ['Elin', 'Berg'],
  ['Farid', 'Haddad'],
  ['Gita', 'Rao'],
  ['Hugo', 'Silva'],
] as const;
const departments = ['Sales', 'Finance', 'Legal', 'Logistics'];

/** The employees in a random order. Mail address and UPN differ, so that a mapping that mixes them up shows. */
export function people(random: Random): Person[] {
  const authority = `S-1-5-21-${random.int(1e8, 2e9)}-${random.int(1e8, 2e9)}-${random.int(1e8, 2e9)}`;
  return random.shuffle(names).map(([givenName, surname], i) => {
    const account = `${givenName}.${surname}`.toLowerCase();
    return {
      givenName,
      surname,
      account,
      domain: 'corp',
      upn: `${account}@corp.example.com`,
      mail: `${account}@example.com`,
      objectId: random.guid(),
      sid: `${authority}-${1101 + i}`,
      department: random.pick(departments),
      device: `pc-${random.int(1000, 9999)}.corp.example.com`,
      deviceId: random.hex(40),
      address: `10.1.2.${20 + 7 * i + random.int(0, 6)}`,
    };
  });
}
