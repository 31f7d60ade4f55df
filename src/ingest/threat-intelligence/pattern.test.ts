import { describe, expect, it } from 'vitest';
import { observablesOf, parsePattern } from './pattern.js';

const observables = (text: string) => {
  const parsed = parsePattern(text);
  return parsed.ok ? observablesOf(parsed.comparisons).map(({ key, value }) => `${key} ${value}`) : parsed;
};

describe('a STIX pattern', () => {
  // The forms are those of section 9 of the STIX 2.1 standard.
  it.each([
    ["[ipv4-addr:value = '198.51.100.7']", ['ipv4-addr:value 198.51.100.7']],
    [
      "[ipv4-addr:value = '198.51.100.7/32' OR ipv4-addr:value='203.0.113.0/24']",
      ['ipv4-addr:value 198.51.100.7/32', 'ipv4-addr:value 203.0.113.0/24'],
    ],
    [
      "[file:hashes.'SHA-256' = 'aa' AND file:name = 'a \\'b\\' \\\\c']",
      ["file:hashes.'SHA-256' aa", "file:name a 'b' \\c"],
    ],
    [
      "[domain-name:value IN ('a.example.com', 'b.example.com')]",
      ['domain-name:value a.example.com', 'domain-name:value b.example.com'],
    ],
    ["[ipv4-addr:value ISSUBSET '198.51.100.0/24']", ['ipv4-addr:value 198.51.100.0/24']],
    [
      "[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '198.51.100.9']",
      ['network-traffic:dst_ref.value 198.51.100.9'],
    ],
    [
      "([url:value = 'http://a.example.com/'] AND [email-addr:value='x@example.com']) WITHIN 300 SECONDS REPEATS 2 TIMES",
      ['url:value http://a.example.com/', 'email-addr:value x@example.com'],
    ],
    [
      "[file:name = 'a'] FOLLOWEDBY [file:name = 'b'] START t'2026-01-01T00:00:00Z' STOP t'2026-02-01T00:00:00Z'",
      ['file:name a', 'file:name b'],
    ],
    [
      "[(process:pid = 5 OR file:size IN (1, 2.5)) AND x-y:z[*].'k k'[3].w == true]",
      ['process:pid 5', 'file:size 1', 'file:size 2.5', "x-y:z[*].'k k'[3].w true"],
    ],
    ["[ domain-name:value /* a note */ = 'a.example.com' // to the end\n]", ['domain-name:value a.example.com']],
  ])('gives the observables of %s', (text, expected) => {
    expect(observables(text)).toEqual(expected);
  });

  it.each([
    "[ipv4-addr:value != '198.51.100.7']",
    "[NOT ipv4-addr:value = '198.51.100.7']",
    "[ipv4-addr:value NOT IN ('198.51.100.7')]",
    "[domain-name:value LIKE '%.example.com']",
    "[domain-name:value MATCHES '^a']",
    '[EXISTS file:name]',
    '[file:size > 10]',
  ])('has no observables where it compares nothing for equality: %s', (text) => {
    expect(observables(text)).toEqual([]);
  });

  it.each([
    ['', '[ is missing', 0],
    ['garbage', '[ is missing', 0],
    ["[ipv4-addr:value = '198.51.100.7'", '] is missing', 33],
    ["[ipv4-addr:value '198.51.100.7']", 'an operator is missing', 17],
    ["[ipv4-addr = '198.51.100.7']", 'an object path wants a colon behind its type', 10],
    ["[ipv4-addr:value = 'open]", 'a constant is missing or not closed', 19],
    ['[file:name = ]', 'a constant is missing or not closed', 13],
    ["[file:name = 'a'] x", 'something follows the pattern', 18],
    ['[file:name IN ()]', 'a constant is missing or not closed', 15],
    ["[file:name = 'a'] WITHIN soon", 'a number of seconds is missing', 25],
  ])('is refused where it is malformed: %s', (text, reason, at) => {
    expect(parsePattern(text)).toEqual({ ok: false, reason, at });
  });

  it('that nests or goes on without end is refused in no time', () => {
    expect(parsePattern(`${'('.repeat(60_000)}`)).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/nested deeper/),
    });
    expect(parsePattern(`[${'('.repeat(50_000)}`)).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/nested deeper/),
    });
    expect(parsePattern(`[file:name = 'a'${" OR file:name = 'a'".repeat(5_000)}]`)).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/longer/),
    });
    const slashes = `[file:name = '${'\\'.repeat(60_001)}']`;
    expect(parsePattern(slashes)).toMatchObject({ ok: false });
  });
});
