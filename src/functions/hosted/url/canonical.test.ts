import { describe, expect, it } from 'vitest';
import { canonicalUrl } from './canonical.js';

const url = (text: string) => canonicalUrl(text)?.url;
const all = (texts: readonly string[]) => texts.map(url);
const link = 'https://login.example.com/verify?id=7';

describe('what surrounds a URL goes', () => {
  it('defanging', () => {
    for (const text of [
      'hxxps://login.example.com/verify?id=7',
      'hXXps://login[.]example[.]com/verify?id=7',
      'https://login(.)example(.)com/verify?id=7',
      'https://login{.}example{.}com/verify?id=7',
      'hxxps://login[dot]example[dot]com/verify?id=7',
      'https[:]//login.example.com/verify?id=7',
      'https[://]login.example.com/verify?id=7',
      'h**ps://login.example.com/verify?id=7',
    ])
      expect([text, url(text)]).toEqual([text, link]);
  });

  it('brackets in the path of a URL that is whole are its own', () => {
    expect(url('https://example.com/a(.)b')).toBe('https://example.com/a(.)b');
    expect(url('hxxps://example.com/a[.]b')).toBe('https://example.com/a.b');
  });

  it('quotes, angle brackets and prefixes, in each other', () => {
    for (const text of [
      '"https://login.example.com/verify?id=7"',
      "'https://login.example.com/verify?id=7'",
      '<https://login.example.com/verify?id=7>',
      '“https://login.example.com/verify?id=7”',
      'uri=https://login.example.com/verify?id=7',
      'URL: <"https://login.example.com/verify?id=7">',
      '  https://login.example.com/verify?id=7\n',
    ])
      expect([text, url(text)]).toEqual([text, link]);
  });

  it('user, fragment, default port and the final dot of the host', () => {
    expect(url('https://paypal.example.net@login.example.com./verify?id=7#top')).toBe(link);
    expect(url('https://login.example.com:443/verify?id=7')).toBe(link);
    expect(url('http://example.com:80')).toBe('http://example.com/');
    expect(url('https://example.com:8443/')).toBe('https://example.com:8443/');
  });
});

describe('RFC 3986 equivalence', () => {
  it('6.2.2.1: case of scheme, host and escapes, not of path and query', () => {
    expect(url('HTTPS://LOGIN.Example.COM/Verify%2f?ID=%3a')).toBe('https://login.example.com/Verify%2F?ID=%3A');
  });

  it('6.2.2.2: escapes of unreserved characters are decoded, once, and no others', () => {
    expect(url('https://example.com/%7Eana/%61%2D%2e%5F?q=%41%26%2B')).toBe('https://example.com/~ana/a-._?q=A%26%2B');
    expect(url('https://example.com/%2561')).toBe('https://example.com/%2561');
    expect(url('https://example.com/100%/a b|c')).toBe('https://example.com/100%25/a%20b%7Cc');
    expect(url('https://example.com/caf\u00e9')).toBe('https://example.com/caf%C3%A9');
  });

  it('6.2.2.3: dot segments, encoded ones too; the example of section 5.2.4', () => {
    expect(url('https://example.com/a/b/c/./../../g')).toBe('https://example.com/a/g');
    expect(url('https://example.com/a/%2E%2e/g')).toBe('https://example.com/g');
    expect(url('https://example.com\\a\\..\\b')).toBe('https://example.com/b');
  });
});

describe('hosts', () => {
  it('names in Unicode are those in Punycode', () => {
    // The example of RFC 3492's successor pages: bücher is xn--bcher-kva.
    expect(url('https://B\u00fccher.example/')).toBe('https://xn--bcher-kva.example/');
    expect(url('https://xn--bcher-kva.example/')).toBe('https://xn--bcher-kva.example/');
    expect(url('https://\uff45xample\u3002com/')).toBe('https://example.com/');
  });

  it('addresses in every spelling that a browser takes', () => {
    // 203 · 2^24 + 113 · 2^8 + 9 = 3405803785
    expect(all(['http://3405803785/x', 'http://0xCB.0.0x71.9/x', 'http://[::ffff:203.0.113.9]/x'])).toEqual(
      Array(3).fill('http://203.0.113.9/x'),
    );
    const six = canonicalUrl('http://[2001:DB8:0:0:0:0:0:9]:8080/x');
    expect(six).toMatchObject({ url: 'http://[2001:db8::9]:8080/x', host: '2001:db8::9', isAddress: true });
    expect(canonicalUrl('2001:db8::9')?.key).toBe('[2001:db8::9]/');
  });

  it('registrable domains by the public suffix list, its private part included', () => {
    const domains = (text: string) => [canonicalUrl(text)?.registrableDomain, canonicalUrl(text)?.site];
    expect(domains('https://a.b.example.co.uk/')).toEqual(['example.co.uk', 'example.co.uk']);
    // Two customers of one host are strangers.
    expect(domains('https://ana.github.io/')).toEqual(['ana.github.io', 'ana.github.io']);
    expect(domains('https://github.io/')).toEqual(['', 'github.io']);
    expect(domains('https://203.0.113.9/')).toEqual(['', '203.0.113.9']);
    expect(domains('https://b\u00fccher.example/')).toEqual(['xn--bcher-kva.example', 'xn--bcher-kva.example']);
  });
});

describe('what proxies write', () => {
  const key = (text: string) => canonicalUrl(text)?.key;

  it('no scheme, or the port of a tunnel: the same key', () => {
    const keys = [
      'login.example.com/verify?id=7',
      '//login.example.com/verify?id=7',
      'http://login.example.com/verify?id=7',
    ];
    expect(keys.map(key)).toEqual(Array(3).fill('login.example.com/verify?id=7'));
    const tunnels = [
      'login.example.com:443',
      'https://login.example.com:443',
      'login.example.com',
      'http://login.example.com:443/',
    ];
    expect(tunnels.map(key)).toEqual(Array(4).fill('login.example.com/'));
    expect(canonicalUrl('login.example.com:443')).toMatchObject({
      url: 'https://login.example.com/',
      scheme: '',
      port: null,
    });
  });

  it('a slash at the end is another URL at the same place', () => {
    const [with_, without] = [canonicalUrl('https://example.com/x/'), canonicalUrl('https://example.com/x')];
    expect(with_?.key).not.toBe(without?.key);
    expect(with_?.place).toBe(without?.place);
  });
});

it('what names no host is none', () => {
  for (const text of [
    '',
    ' ',
    'word',
    '12345',
    '1.2',
    'mailto:ana@example.com',
    'javascript:alert(1)',
    'https://',
    'data:text/html,x',
    '/path/only',
    'https://a b.example/',
  ])
    expect([text, canonicalUrl(text)]).toEqual([text, null]);
  expect(canonicalUrl(`https://example.com/${'a'.repeat(20_000)}`)).toBeNull();
});
