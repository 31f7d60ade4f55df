import { expect, it } from 'vitest';
import { openAnswers } from './testing/index.js';

const { rowsOf } = openAnswers();

const zones = ['Europe/Berlin', 'US/Pacific', 'America/Sao_Paulo', 'Asia/Kolkata', 'Australia/Lord_Howe', 'UTC'];
// Ordinary days, clocks that skip an hour or show it twice, the first and the last year.
const times = [
  ...['2020-02-02 20:02:20.1234567', '2022-03-27 02:30', '2022-10-30 02:30', '2022-03-13 02:30', '2022-11-06 01:30'],
  ...['2018-02-17 23:30', '2022-04-03 01:45', '1969-12-31 23:59:59.9999999', '1900-01-02', '2299-12-30', '1899-12-31'],
];

// The two ways know the zones from different places: the engine's tables, and those of this process.
it.each(['datetime_local_to_utc', 'datetime_utc_to_local'])('%s is the same for a zone of a column', async (name) => {
  const cases = zones.flatMap((zone) => times.map((time) => ({ zone, time })));
  const rows = cases.map(({ zone, time }) => `datetime(${time}), '${zone}'`).join(', ');
  const literally = zones.map((zone) => `z == '${zone}', ${name}(t, '${zone}')`).join(', ');
  const differing = `datatable(t: datetime, z: string)[${rows}] | extend a = ${name}(t, z), b = case(${literally}, t)
    | where isnull(a) != isnull(b) or a != b`;
  expect(await rowsOf(differing)).toEqual([]);
});

it('a time in a zone that does not exist is null', async () => {
  expect(await rowsOf('print z = "Nowhere/At_All" | extend t = datetime_utc_to_local(now(), z) | project t')).toEqual([
    [null],
  ]);
});
