import { describe, expect, it } from 'vitest';
import { openAnswers } from './testing/index.js';

const { rowsOf } = openAnswers();

describe('bin_auto', () => {
  const minutes = 'range t from datetime(2017-01-01 00:05) to datetime(2017-01-01 02:00) step 1m';

  it('takes its size and its fixed point from options of the request', async () => {
    const size = 'set query_bin_auto_size=1h;';
    const counted = `${minutes} | summarize count() by bin_auto(t) | sort by t asc`;
    expect(await rowsOf(`${size} set query_bin_auto_at=datetime(2017-01-01 00:05); ${counted}`)).toEqual([
      ['2017-01-01T00:05:00Z', 60],
      ['2017-01-01T01:05:00Z', 56],
    ]);
    expect(await rowsOf(`${size} ${counted}`)).toEqual([
      ['2017-01-01T00:00:00Z', 55],
      ['2017-01-01T01:00:00Z', 60],
      ['2017-01-01T02:00:00Z', 1],
    ]);
    expect(await rowsOf('set query_bin_auto_size=10; print bin_auto(27)')).toEqual([[20]]);
  });

  it('is refused without a size', async () => {
    await expect(rowsOf(`${minutes} | summarize count() by bin_auto(t)`)).rejects.toThrow('KQL4005');
    await expect(rowsOf(`set notruncation; ${minutes} | summarize count() by bin_auto(t)`)).rejects.toThrow('KQL4005');
  });
});

describe('literals', () => {
  it('reach to the smallest long', async () => {
    expect(
      await rowsOf(
        'datatable(l:long)[-9223372036854775808] | extend t = tostring(l) | project t, d = tostring(dynamic(-9223372036854775808))',
      ),
    ).toEqual([['-9223372036854775808', '-9223372036854775808']]);
    await expect(rowsOf('print 9223372036854775808')).rejects.toThrow('KQL1002');
  });

  it('write dates with commas, too', async () => {
    expect(await rowsOf('print datetime(2025, 6, 14)')).toEqual([['2025-06-14T00:00:00Z']]);
  });
});

// Documentation of toscalar: a random value in it is drawn once, without it for each row.
it('toscalar draws a random value once', async () => {
  const drawn =
    'let once = toscalar(new_guid()); let each = new_guid(); range x from 1 to 3 step 1 | extend a = once, b = each, c = once';
  expect(await rowsOf(`${drawn} | summarize dcount(a), dcount(b), countif(a != c)`)).toEqual([[1, 3, 0]]);
});

it('estimate_data_size adds widths and lengths of columns, as in its documentation', async () => {
  const rows = "range x from 1 to 10 step 1 | extend Text = '1234567890'";
  expect(await rowsOf(`${rows} | summarize sum(estimate_data_size(*)), max(estimate_data_size(Text))`)).toEqual([
    [180, 10],
  ]);
});
