import { describe, expect, it } from 'vitest';
import { openAnswers } from './testing/index.js';

const { answer: answerTo } = openAnswers();
const answer = (query: string, parameters: Record<string, string> = {}) => answerTo(query, { parameters });

const sorted = (rows: readonly unknown[]) => rows.map((r) => JSON.stringify(r)).sort();
const same = async (query: string, rows: readonly unknown[], parameters?: Record<string, string>) =>
  expect(sorted((await answer(query, parameters)).rows)).toEqual(sorted(rows));

/** The tables of the page of find. */
const events = `let EventsTable1 = view() { datatable (Session_Id:string, Level:string, EventText:string, Version:string)
    ["acbd207d", "Information", "Some Text1", "v1.0.0", "acbd207d", "Error", "Some Text2", "v1.0.0",
     "28b8e46e", "Error", "Some Text3", "v1.0.1", "8f057b11", "Information", "Some Text4", "v1.0.2"] };
  let EventsTable2 = view() { datatable (Session_Id:string, Level:string, EventText:string, EventName:string)
    ["f7d5f95f", "Information", "Some Other Text1", "Event1", "acbd207d", "Information", "Some Other Text2", "Event2",
     "acbd207d", "Error", "Some Other Text3", "Event3", "15eaeab5", "Error", "Some Other Text4", "Event4"] };`;

describe('find', () => {
  it('puts what is neither asked nor in every table into a bag', () =>
    same(`${events} find in (EventsTable1, EventsTable2) where Session_Id == 'acbd207d'`, [
      ['EventsTable1', 'acbd207d', 'Information', 'Some Text1', { Version: 'v1.0.0' }],
      ['EventsTable1', 'acbd207d', 'Error', 'Some Text2', { Version: 'v1.0.0' }],
      ['EventsTable2', 'acbd207d', 'Information', 'Some Other Text2', { EventName: 'Event2' }],
      ['EventsTable2', 'acbd207d', 'Error', 'Some Other Text3', { EventName: 'Event3' }],
    ]));

  it('projects columns that only some tables have', () =>
    same(
      `${events} find in (EventsTable1, EventsTable2) where Version == 'v1.0.0' or EventName == 'Event1'
        project Session_Id, EventText, Version, EventName`,
      [
        ['EventsTable1', 'acbd207d', 'Some Text1', 'v1.0.0', ''],
        ['EventsTable1', 'acbd207d', 'Some Text2', 'v1.0.0', ''],
        ['EventsTable2', 'f7d5f95f', 'Some Other Text1', '', 'Event1'],
      ],
    ));

  it('leaves tables out that have no column of the condition, but looks everywhere for a text', async () => {
    await same(`${events} find withsource=t in (EventsTable1, EventsTable2) where EventName has "Event1"`, [
      ['EventsTable2', 'f7d5f95f', 'Information', 'Some Other Text1', 'Event1'],
    ]);
    await same(`${events} find in (EventsTable1, EventsTable2) where "Text4" project pack(*)`, [
      ['EventsTable1', { Session_Id: '8f057b11', Level: 'Information', EventText: 'Some Text4', Version: 'v1.0.2' }],
      ['EventsTable2', { Session_Id: '15eaeab5', Level: 'Error', EventText: 'Some Other Text4', EventName: 'Event4' }],
    ]);
    const { columns } = await answer(`${events} find in (EventsTable1, EventsTable1) where Level == "none"`);
    expect(columns.map((c) => c.name)).toEqual(['source_', 'Session_Id', 'Level', 'EventText', 'Version']);
  });

  it('casts a column on the way out only', () =>
    same(
      `let A = datatable(a:long)[1, 2]; let B = datatable(a:long, b:string)[3, "x"];
        find in (A, B) where a > 1 project a:string | project a`,
      [['2'], ['3']],
    ));
});

describe('partition', () => {
  const numbers = 'datatable(g:string, n:long)["a", 1, "a", 2, "b", 5]';

  it('runs a query of its own for each value, which stands for the column', async () => {
    await same(
      'range x from 1 to 2 step 1 | partition hint.strategy=legacy by x {datatable(n:long, s:string)[1, "p", 2, "q", 2, "r", 3, "s"] | where n == x}',
      [
        [1, 'p'],
        [2, 'q'],
        [2, 'r'],
      ],
    );
    await same(`${numbers} | partition by g { print g2 = toscalar(g), n = 1 } | project g2`, [['a'], ['b']]);
    await same(`${numbers} | where n > 9 | partition by g { print v = 1 }`, []);
  });

  it('names the rows of one partition', () =>
    same(
      `${numbers} | partition by g (as P | extend share = 100.0 * n / toscalar(P | summarize sum(n)) | where share > 60)`,
      [
        ['a', 2, 200 / 3],
        ['b', 5, 100],
      ],
    ));

  it('keeps null and empty values, and refuses more than 64', async () => {
    await same(
      'datatable(k:long)[1, long(null), long(null)] | partition by k (as P | summarize c = count() | union (P | take 0 | count | project c = -Count))',
      [[1], [0], [2], [0]],
    );
    await expect(answer('range x from 1 to 65 step 1 | partition by x { print x }')).rejects.toThrow('65 values');
  });
});

describe('what stands in front of a query', () => {
  it('takes parameters as literals of their types', async () => {
    const query = `declare query_parameters(s:string, n:long = 5, d:datetime = datetime(2020-01-01), t:dynamic);
      print s, n + 1, d, t[1]`;
    await same(query, [['it\'s "x"', 6, '2020-01-01T00:00:00Z', 'b']], { s: 'it\'s "x"', t: 'dynamic(["a", "b"])' });
    await same(query, [['', -2, '1970-05-11T00:00:00Z', null]], {
      s: '',
      n: 'long(-3)',
      d: 'datetime(1970-05-11)',
      t: 'null',
    });
    await expect(answer(query, { s: 'x', t: '1', n: '1; drop' })).rejects.toThrow("'n' is a long");
    await expect(answer(query, { t: '1' })).rejects.toThrow("'s' has no value");
  });

  it('heeds the options that mean something, and names those that it does not know', async () => {
    const { rows, notices } = await answer(
      'set notruncation; set query_take_max_records=2; set foo=1; range x from 1 to 9 step 1',
    );
    expect(rows).toHaveLength(2);
    expect(notices.map((n) => n.message)).toEqual(['the option foo is not known and has no effect']);
    await same('set query_now=datetime(2020-01-02); print now(), ago(1d)', [
      ['2020-01-02T00:00:00Z', '2020-01-01T00:00:00Z'],
    ]);
    await expect(answer('set query_datetimescope_from=datetime(2020-01-01); print 1')).rejects.toThrow('KQL4005');
  });

  it('checks a schema', async () => {
    await same('datatable(x:long, s:string)[1, "a"] | assert-schema (x:long, s:string)', [[1, 'a']]);
    await expect(answer('datatable(x:long)[1] | assert-schema (x:string)')).rejects.toThrow('KQL1002');
  });
});
