import { describe, expect, it } from 'vitest';
import { openAnswers } from './testing/index.js';

const { rowsOf } = openAnswers();

/** One row for each text; `materialize`d as a column, so that nothing is folded. */
const over = (texts: readonly string[], expression: string) =>
  rowsOf(`datatable(t: string) [${texts.map((t) => JSON.stringify(t)).join(', ')}] | project v = ${expression}`);

// Hosts as RFC 3986 has them, for links that one way or the other of finding them takes.
it('the host of a link is what stands between the account and the port', async () => {
  const links: Readonly<Record<string, string>> = {
    'https://www.example.com:8443/a?b=c': 'www.example.com',
    'http://192.0.2.1': '192.0.2.1',
    'https://example.com?q=http://other.example/': 'example.com',
    'http://example.com/a@b': 'example.com',
    'http://user:p.w@example.com/': 'example.com',
    'http://user@name@example.com/': 'example.com',
    'http://localhost/': 'localhost',
    'http://example.com.:80/': 'example.com.',
    'http://a_b.example.com#x.y': 'a_b.example.com',
    'http://a b.example.com/': 'a b.example.com',
    'http://[2001:db8::1]:80/': '[2001:db8::1]',
    'HTTP://Example.COM/': 'Example.COM',
    'http:///x.y': '',
    'example.com/http://x.y/': '',
  };
  expect((await over(Object.keys(links), 'tostring(parse_url(t).Host)')).flat()).toEqual(Object.values(links));
});

describe('an element taken the short way is the element of the whole', () => {
  const urls = [
    'https://user:pa:ss@host.example:8443/a/b?x=1#f',
    'https://[2001:db8::1]:443/',
    'http://a@b@c/',
    'http:///path',
    'host.example/path?q#x',
    'ftp://host',
    'http://host?x=http://other:1/',
    'http://user@/x',
    '',
  ];
  for (const part of ['Scheme', 'Host', 'Port', 'Path', 'Username', 'Password', 'Fragment'])
    it(`parse_url().${part}`, async () => {
      const short = await over(urls, `tostring(parse_url(t).${part})`);
      const whole = await over(urls, `tostring(bag_merge(parse_url(t), dynamic({"z": 1})).${part})`);
      expect(short).toEqual(whole);
    });

  it('parts of parse_url, written down', async () => {
    expect(await over(urls, 'tostring(parse_url(t).Host)')).toEqual(
      ['host.example', '[2001:db8::1]', 'c', '', '', 'host', 'host', '', ''].map((host) => [host]),
    );
    expect(await over(urls.slice(0, 3), 'tostring(parse_url(t).Port)')).toEqual([['8443'], ['443'], ['']]);
  });

  it('split()[n]: null, or empty as text, beyond the end', async () => {
    expect(await over(['a.b', 'x', ''], 'tostring(split(t, ".")[1])')).toEqual([['b'], [''], ['']]);
    expect(await over(['a.b', 'x'], 'isnull(split(t, ".")[1])')).toEqual([[false], [true]]);
    expect(await over(['1.2', '7'], 'toint(split(t, ".")[0])')).toEqual([[1], [7]]);
  });

  it('a property as text: numbers, bags, null and escapes too', async () => {
    const bags = ['{"a":{"b":"x\\"y"}}', '{"a":{"b":5}}', '{"a":{"b":[1,2]}}', '{"a":{"b":null}}', '{"a":1}', '[1]'];
    const list = bags.map((b) => `dynamic(${b})`).join(', ');
    expect(await rowsOf(`datatable(d: dynamic) [${list}] | project v = tostring(d.a.b)`)).toEqual([
      ['x"y'],
      ['5'],
      ['[1,2]'],
      [''],
      [''],
      [''],
    ]);
  });
});

describe('conditions and rows that look at others', () => {
  it('a condition on a column stays behind prev(), which would otherwise see other rows', async () => {
    const rows = await rowsOf(`datatable(n: int, d: string) [1, "out", 2, "in", 3, "in"]
      | sort by n asc | extend before = prev(d) | where d == "in" and before == "out" | project n`);
    expect(rows).toEqual([[2]]);
  });
});

describe('parse', () => {
  it('finds its first literal anywhere when the pattern begins with a star, and the last text to the end without one', async () => {
    expect(
      await rowsOf(`datatable(t: string) ["a=1;b=22;c", "b=3;", "x\\nb=4;\\n", "b=x;"]
        | parse t with * "b=" n: long ";" * | project n`),
    ).toEqual([[22], [3], [4], [null]]);
    expect(
      await rowsOf('datatable(t: string) ["k=1 tail", "zk=1 t"] | parse t with "k=" n: int " " rest | project rest'),
    ).toEqual([['tail'], ['']]);
  });
});
