import { describe, expect, it } from 'vitest';
import { openAnswers } from './testing/index.js';

const { rowsOf } = openAnswers();

describe('functions over ordered rows', () => {
  // Breaks when the engine's threads, or a rewrite that drops the sort, change the order that rows are numbered in.
  it('number many rows in the order of the sort', async () => {
    const wrong = await rowsOf(
      'range x from 1 to 400000 step 1 | extend k = (x * 7919) % 400009 | sort by k asc | extend n = row_number(), p = prev(k) | where n > 1 and k <= p | count',
    );
    expect(wrong).toEqual([[0]]);
  });

  // Documentation: "Window functions can only be used on serialized sets".
  it('are refused over rows in no order', async () => {
    const table = 'datatable(x:long)[3, 1]';
    await expect(rowsOf(`${table} | extend n = row_number()`)).rejects.toThrow('KQL1002');
    await expect(rowsOf(`${table} | sort by x | distinct x | where prev(x) > 0`)).rejects.toThrow('KQL1002');
    const kept = 'where x > 0 | extend y = x | project-away x | extend p = prev(y) | project p';
    expect(await rowsOf(`${table} | serialize | ${kept}`)).toEqual([[null], [3]]);
    expect(await rowsOf(`let t = ${table} | sort by x asc; t | ${kept}`)).toEqual([[null], [1]]);
    expect(await rowsOf('range x from 1 to 2 step 1 | extend n = row_number()')).toHaveLength(2);
  });

  it('restart within many groups and keep the order for what follows', async () => {
    const rows = await rowsOf(
      'range x from 0 to 199999 step 1 | extend g = x / 1000 | sort by g asc, x desc | extend n = row_number(1, g != prev(g)) | extend m = row_number() | summarize most = max(n), off = countif(m != g * 1000 + n)',
    );
    expect(rows).toEqual([[1000, 0]]);
  });

  it('stand inside expressions and conditions', async () => {
    const table =
      'datatable(t:datetime, v:long)[datetime(2024-01-01), 1, datetime(2024-01-02), 5, datetime(2024-01-04), 2]';
    expect(
      await rowsOf(`${table} | sort by t asc | project gap = iff(isnull(prev(t)), 0s, t - prev(t)), up = v > prev(v)`),
    ).toEqual([
      ['00:00:00', null],
      ['1.00:00:00', true],
      ['2.00:00:00', false],
    ]);
    expect(await rowsOf(`${table} | sort by t asc | where v - prev(v) > 0 | project v`)).toEqual([[5]]);
  });

  // Kusto collects a list in the order of its serialized input.
  it('lists keep the order of a sort', async () => {
    const rows = await rowsOf(
      'range x from 1 to 100000 step 1 | sort by x desc | summarize l = make_list(x) | project l[0], l[1], l[99999]',
    );
    expect(rows).toEqual([[100000, 99999, 1]]);
  });
});

describe('mv-expand', () => {
  // The list of a call is expanded without being made; texts, nulls and nested values must come out as from one that was.
  it('gives the parts of a text and the members of a list as they are', async () => {
    expect(await rowsOf('print s = "a,,b\\"" | mv-expand p = split(s, ",") | project p, strlen(tostring(p))')).toEqual([
      ['a', 1],
      ['', 0],
      ['b"', 2],
    ]);
    const list = 'pack_array(n, "null", int(null), dynamic({"x":1}), dynamic([1, 2]), "")';
    expect(
      await rowsOf(`print n = 7 | mv-expand with_itemindex=i v = ${list}, w = split("x y", " ") | project v, i, w`),
    ).toEqual([
      [7, 0, 'x'],
      ['null', 1, 'y'],
      [null, 2, null],
      [{ x: 1 }, 3, null],
      [[1, 2], 4, null],
      ['', 5, null],
    ]);
  });
});

describe('mv-apply', () => {
  const table =
    'datatable(id:int, a:dynamic)[1, dynamic([5,1,3]), 2, dynamic([4,10,8,7]), 3, dynamic([])] | sort by id asc';

  it('sorts, cuts and aggregates within each row', async () => {
    expect(
      await rowsOf(
        `${table} | mv-apply e = a to typeof(long) on (top 2 by e | summarize top2 = make_list(e)) | project id, top2 | sort by id asc`,
      ),
    ).toEqual([
      [1, [5, 3]],
      [2, [10, 8]],
    ]);
  });

  it('numbers the elements of each row', async () => {
    expect(
      await rowsOf(
        `${table} | mv-apply e = a to typeof(long) on (sort by e asc | extend n = row_number() | where n == 2) | project id, e | sort by id asc`,
      ),
    ).toEqual([
      [1, 3],
      [2, 7],
    ]);
  });
});

describe('partition and top-nested', () => {
  const table =
    'datatable(g:string, t:string, v:long)["a","x",1, "a","y",5, "a","x",3, "b","x",2, "b","q",9, "c","z",1]';

  it('runs operators within the values of a column', async () => {
    expect(
      await rowsOf(
        `${table} | partition hint.strategy=native by g (summarize n = sum(v) by t | top 1 by n) | sort by n asc`,
      ),
    ).toEqual([
      ['z', 1],
      ['y', 5],
      ['q', 9],
    ]);
  });

  it('keeps the top values of each level within those of the level above', async () => {
    expect(
      await rowsOf(
        `${table} | top-nested 2 of g by total = sum(v), top-nested 1 of t by best = max(v) | sort by total desc`,
      ),
    ).toEqual([
      ['b', 11, 'q', 9],
      ['a', 9, 'y', 5],
    ]);
  });
});

describe('search', () => {
  const tables =
    'let A = datatable(s:string, n:long)["disk error", 7, "fine", 8]; let B = view () { datatable(s:string, m:string)["x", "Errors", "y", "an error"] };';

  it('finds whole terms in any column of the tables that it names', async () => {
    expect(await rowsOf(`${tables} search in (A, B) "error" | project s, m | sort by s asc`)).toEqual([
      ['disk error', ''],
      ['y', 'an error'],
    ]);
    expect(await rowsOf(`${tables} A | search "8" | project s`)).toEqual([['fine']]);
    expect(await rowsOf(`${tables} search in (B) "error*" | count`)).toEqual([[2]]);
  });
});

describe('ipv4_lookup', () => {
  const tables =
    'let N = datatable(network:string, name:string)["192.0.2.0/24", "lab", "198.51.100.0/25", "office"]; let T = datatable(ip:string)["192.0.2.9", "198.51.100.200", "203.0.113.1"];';

  it('gives the networks that hold an address, and on request the rows that none holds', async () => {
    expect(await rowsOf(`${tables} T | evaluate ipv4_lookup(N, ip, network)`)).toEqual([
      ['192.0.2.9', '192.0.2.0/24', 'lab'],
    ]);
    expect(
      await rowsOf(
        `${tables} T | evaluate ipv4_lookup(N, ip, network, return_unmatched = true) | project ip, name | sort by ip asc`,
      ),
    ).toEqual([
      ['192.0.2.9', 'lab'],
      ['198.51.100.200', ''],
      ['203.0.113.1', ''],
    ]);
  });
});
