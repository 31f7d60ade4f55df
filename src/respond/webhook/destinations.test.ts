import { describe, expect, it } from 'vitest';
import { checkAddresses, readDestinations, targetOf } from './destinations.js';

const refusal = (url: string, addresses: string[], allow: string[]): string => {
  try {
    checkAddresses(targetOf(url), addresses, readDestinations(allow));
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('addresses that a listed name may not stand for', () => {
  // Loopback, private, link-local, metadata of clouds, shared, reserved, and IPv6 that wraps any of these.
  it.each([
    ...['127.0.0.1', '127.255.255.254', '10.1.2.3', '172.16.0.1', '192.168.0.1', '169.254.169.254', '0.0.0.0'],
    ...['100.64.0.1', '100.100.100.200', '168.63.129.16', '192.0.0.192', '198.18.0.1', '224.0.0.1', '240.0.0.1'],
    ...['255.255.255.255', '192.0.2.1', '::', '::1', 'fe80::1', 'fd00:ec2::254', 'fec0::1', 'ff02::1', '100::1'],
    ...['::ffff:127.0.0.1', '::ffff:8.8.8.8', '::127.0.0.1', '64:ff9b::7f00:1', '64:ff9b::808:808', '64:ff9b:1::1'],
    ...['2002:7f00:1::', '2001::1', '2001:db8::1', '4000::1', 'fe80::1%eth0', 'not an address'],
  ])('%s', (address) => {
    expect(refusal('https://hooks.example.com/', [address], ['hooks.example.com'])).toMatch(/^AUT7001 /);
    expect(refusal('https://hooks.example.com/', ['8.8.8.8', address], ['hooks.example.com'])).toMatch(/^AUT7001 /);
  });

  it.each(['8.8.8.8', '2606:4700::1111'])('%s is one of the open internet', (address) => {
    expect(refusal('https://hooks.example.com/', [address], ['hooks.example.com'])).toBe('');
    expect(refusal('https://hooks.example.com/', [address], [])).toContain('not on the list');
  });
});

it.each([
  // An address in every spelling that a URL knows is the same address.
  ...['https://2130706433/', 'https://0x7f.1/', 'https://127.1/', 'https://0177.0.0.1/', 'https://①②⑦.0.0.1/'],
])('%s is loopback', (url) => {
  const { host } = targetOf(url);
  expect(host).toBe('127.0.0.1');
  expect(refusal(url, [host], ['hooks.example.com'])).toMatch(/AUT7001/);
});

it.each([
  ['https://hooks.example.com/', 'hooks.example.com', true],
  ['https://HOOKS.example.com./', 'hooks.example.com', true],
  ['https://hooks.example.com/', '*.example.com', true],
  ['https://a.b.example.com/', '*.example.com', true],
  ['https://example.com/', '*.example.com', false],
  ['https://notexample.com/', '*.example.com', false],
  ['https://hooks.example.com.evil.example/', 'hooks.example.com', false],
  ['https://evilhooks.example.com/', 'hooks.example.com', false],
  ['https://hooks.example.com:8443/', 'hooks.example.com', false],
  ['https://hooks.example.com:8443/', 'hooks.example.com:8443', true],
  ['https://hooks.example.com/', 'hooks.example.com:8443', false],
  ['https://hooks.example.com:22/', '8.8.8.0/24', false],
  ['https://hooks.example.com/', '8.8.8.0/24', true],
  ['https://bücher.example/', 'bücher.example', true],
  ['https://xn--bcher-kva.example/', 'bücher.example', true],
])('%s with %s on the list: %s', (url, entry, isAllowed) => {
  expect(refusal(url, ['8.8.8.8'], [entry]) === '').toBe(isAllowed);
});

it.each([
  ['https://soar.example.com/', ['10.1.2.3'], ['10.1.0.0/16']],
  ['https://soar.example.com:8443/', ['10.1.2.3', 'fd00::1'], ['10.1.0.0/16:8443', '[fd00::/8]:8443']],
  ['https://[fd00::1]/', ['fd00::1'], ['fd00::1']],
  ['http://127.0.0.1:5678/', ['127.0.0.1'], ['127.0.0.1:5678']],
])('%s is allowed inside by its network', (url, addresses, allow) => {
  expect(refusal(url, addresses, allow)).toBe('');
});

it.each([
  ['http://10.1.2.3/', ['10.1.2.3'], ['10.1.2.3:80'], 'without encryption'],
  ['http://127.0.0.1:5678/', ['127.0.0.1'], ['127.0.0.1'], 'an address that is loopback'],
  ['https://soar.example.com/', ['10.1.2.3', '10.9.0.1'], ['10.1.0.0/16'], '10.9.0.1'],
  ['https://soar.example.com/', [], ['10.1.0.0/16'], 'no address'],
  ['ftp://hooks.example.com/', ['8.8.8.8'], ['hooks.example.com'], 'ftp://'],
  ['file:///etc/passwd', [], [], 'file://'],
  ['https://user:word@hooks.example.com/', ['8.8.8.8'], ['hooks.example.com'], 'password'],
  ['not a url', [], [], 'cannot be read'],
  [`https://hooks.example.com/${'x'.repeat(2_100)}`, ['8.8.8.8'], ['hooks.example.com'], 'longer than'],
])('%s is refused', (url, addresses, allow, message) => {
  expect(refusal(url, addresses, allow)).toContain(message);
});

it.each(['', 'https://hooks.example.com', 'hooks.example.com/path', '10.0.0.0/99', '2130706433', '0x7f.1', 'a b'])(
  'the entry %j is refused',
  (entry) => {
    expect(() => readDestinations([entry])).toThrow('CLI6001');
  },
);
