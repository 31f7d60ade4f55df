import { describe, expect, it } from 'vitest';
import { openAnswers } from './testing/index.js';

const { rowsOf } = openAnswers();

// The examples of the documentation of parse, with shorter events.
describe('parse', () => {
  const event = (slices: string) =>
    `print s = "name=A, slices=${slices}, number=15, released=02/17/2016 08:40:00, end"`;
  const pattern = '"name=" name ", slices=" slices: long * "number=" number: long * "released=" released: date "," *';

  it('stops a typed column before a star where its value ends', async () => {
    expect(await rowsOf(`${event('27')} | parse s with ${pattern} | project-away s`)).toEqual([
      ['A', 27, 15, '2016-02-17T08:40:00Z'],
    ]);
    const date = 'print s = "at=2023-01-01 10:00 until=x" | parse s with "at=" at: datetime * "until=" until';
    expect(await rowsOf(`${date} | project-away s`)).toEqual([['2023-01-01T10:00:00Z', 'x']]);
  });

  it('kind=relaxed leaves null what has the wrong type, and that alone', async () => {
    expect(await rowsOf(`${event('many')} | parse kind=relaxed s with ${pattern} | project-away s`)).toEqual([
      ['A', null, 15, '2016-02-17T08:40:00Z'],
    ]);
    expect(await rowsOf(`${event('many')} | parse s with ${pattern} | project-away s`)).toEqual([
      ['', null, null, null],
    ]);
  });

  it('kind=regex converts values that end in a line break', async () => {
    const lines =
      'print s = "name=A\\nslices=27\\nlocked=02/17/2016 08:40:01\\nreleased=02/17/2016 08:40:02)" | parse kind=regex flags=s s with "name=" name: string "(.*?)slices=" slices: long "(.*?)locked=" locked: datetime "(.*?)released=" released: datetime "\\\\)"';
    expect(await rowsOf(`${lines} | project-away s`)).toEqual([
      ['A\n', 27, '2016-02-17T08:40:01Z', '2016-02-17T08:40:02Z'],
    ]);
  });
});
