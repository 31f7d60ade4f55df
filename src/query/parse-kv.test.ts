import { describe, expect, it } from 'vitest';
import { openAnswers } from './testing/index.js';

const { rowsOf } = openAnswers();

async function row(textLiteral: string, keys: string, options: string): Promise<readonly unknown[]> {
  const written = options && `with (${options})`;
  const [first] = await rowsOf(`print s = ${textLiteral} | parse-kv s as (${keys}) ${written} | project-away s`);
  return first ?? [];
}

const fields = `['event time']:datetime, src:string, bytes:long, failure:string`;
const values = ['2021-01-01T10:00:54Z', '10.1.1.123', 125, 'connection aborted'];

/** The cases of the operator's documentation, and what its notes promise. */
describe('parse-kv', () => {
  it('splits at the delimiters and drops blanks around', async () => {
    const s = '"ThreadId:458745723, Machine:Node001, Text: The service is up, Level: Info"';
    expect(await row(s, 'Text:string, ThreadId:long, Machine:string', 'pair_delimiter=",", kv_delimiter=":"')).toEqual([
      'The service is up',
      458745723,
      'Node001',
    ]);
  });

  it('finds keys and values by a regular expression', async () => {
    const s = `@'["referer url: https://example.com/redirect?dest=/?h=1234", "request url: https://example.com/?h=1234"]'`;
    const keys = `['referer url']:string, ['request url']:string`;
    expect(await row(s, keys, `regex=@'"([\\w ]+)\\s*:\\s*([^"]*)"'`)).toEqual([
      'https://example.com/redirect?dest=/?h=1234',
      'https://example.com/?h=1234',
    ]);
  });

  it('takes keys and values out of quotes', async () => {
    const s = `'src=10.1.1.123 bytes=125 failure="connection aborted" "event time"=2021-01-01T10:00:54'`;
    expect(await row(s, fields, `pair_delimiter=' ', kv_delimiter='=', quote='"'`)).toEqual(values);
  });

  it('takes two different characters as quotes', async () => {
    const s = `'src=10.1.1.123 bytes=125 failure=(connection aborted) (event time)=(2021-01-01 10:00:54)'`;
    expect(await row(s, fields, `pair_delimiter=' ', kv_delimiter='=', quote='()'`)).toEqual(values);
  });

  it('reads escaped quotes inside quotes', async () => {
    const s = `@'a=1 failure="sent \\"bye!\\"" b=2'`;
    expect(
      await row(s, 'failure:string, b:long', `pair_delimiter=' ', kv_delimiter='=', quote='"', escape='\\\\'`),
    ).toEqual(['sent "bye!"', 2]);
  });

  it('lets greedy values hold the pair delimiter', async () => {
    const s = `'name=John Doe phone=555 5555 city=New York'`;
    const keys = 'name:string, phone:string, city:string';
    expect(await row(s, keys, `pair_delimiter=' ', kv_delimiter='='`)).toEqual(['John', '555', 'New']);
    expect(await row(s, keys, `pair_delimiter=' ', kv_delimiter='=', greedy=true`)).toEqual([
      'John Doe',
      '555 5555',
      'New York',
    ]);
  });

  it('takes any word as a key when no delimiters are given', async () => {
    const s = '"2021-01-01T10:00:34 [INFO] ThreadId:458745723, Machine:Node001, Text: Started"';
    expect(await row(s, 'Text:string, ThreadId:long, Machine:string', '')).toEqual(['Started', 458745723, 'Node001']);
  });

  it('keeps the first value of a key, an empty value, and null for an absent key', async () => {
    expect(
      await row(`'a= b=2 b=3 c'`, 'a:string, b:long, c:string, d:long', `pair_delimiter=' ', kv_delimiter='='`),
    ).toEqual(['', 2, '', null]);
  });
});
