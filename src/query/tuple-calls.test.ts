import { describe, expect, it } from 'vitest';
import { openAnswers } from './testing/index.js';

const { answer } = openAnswers();

async function shapeOf(query: string) {
  const { columns, rows } = await answer(query);
  return { names: columns.map((c) => c.name), types: columns.map((c) => c.type), rows };
}

const y = 'print y = dynamic([1,2,4,8])';

describe('functions of several columns', () => {
  it('name their columns after themselves, the argument and the part', async () => {
    const { names, types, rows } = await shapeOf(`${y} | project series_stats(y)`);
    expect(names.map((n) => n.replace('series_stats_y_', ''))).toEqual([
      'min',
      'min_idx',
      'max',
      'max_idx',
      'avg',
      'stdev',
      'variance',
    ]);
    expect(types).toEqual(['real', 'long', 'real', 'long', 'real', 'real', 'real']);
    expect(rows[0]?.slice(0, 5)).toEqual([1, 0, 8, 3, 3.75]);
  });

  it('give only as many columns as are named', async () => {
    expect(await shapeOf(`${y} | extend m = series_stats(y), n = 1 | project-away y`)).toEqual({
      names: ['m', 'n'],
      types: ['real', 'long'],
      rows: [[1, 1]],
    });
    const two = await shapeOf(`${y} | extend (m, at) = series_stats(y), strlen(tostring(y)) | project-away y`);
    expect(two).toEqual({ names: ['m', 'at', 'strlen_y'], types: ['real', 'long', 'long'], rows: [[1, 0, 9]] });
  });

  it('number names that come twice, and only those', async () => {
    const { names } = await shapeOf(
      `${y} | project (a, b) = series_fft(y), series_fft(y), series_fft(y), c = series_fft(y), 1`,
    );
    expect(names).toEqual([
      'a',
      'b',
      'series_fft_y_real',
      'series_fft_y_imag',
      'series_fft_y_real1',
      'series_fft_y_imag1',
      'c',
      'Column1',
    ]);
  });

  it('stand behind functions of the query, in print, and are no arguments', async () => {
    const query = `let f = (s:dynamic) { series_stats(s) }; ${y} | extend (low, at) = f(y) | project low, at`;
    expect((await shapeOf(query)).rows).toEqual([[1, 0]]);
    expect((await shapeOf('print series_periods_validate(dynamic([1,2,3,4]), 4.0)')).names).toEqual([
      'series_periods_validate__periods',
      'series_periods_validate__scores',
    ]);
    for (const wrong of ['toint(series_stats(y))', 'pack_array(series_stats(y))', '(a,b,c) = series_fft(y)'])
      await expect(shapeOf(`${y} | extend ${wrong}`)).rejects.toThrow(/KQL|KS/);
    await expect(shapeOf(`${y} | where series_stats(y) > 1`)).rejects.toThrow(/KQL|KS/);
  });

  it('find anomalies in every series of make-series', async () => {
    const { rows } = await shapeOf(
      `range t from 0 to 47 step 1 | extend g = iff(t % 2 == 0, "a", "b"), v = iff(t == 20, 100, t % 5)
      | make-series s = sum(v) on t from 0 to 48 step 1 by g
      | extend (flag, score, baseline) = series_decompose_anomalies(s, 1.5, 0)
      | mv-expand flag to typeof(long), t to typeof(long) | where flag != 0 | project g, t, flag`,
    );
    expect(rows).toEqual([['a', 20, 1]]);
  });
});

describe('several arrays sorted in step', () => {
  const arrays = 'print a = dynamic([3,1]), b = dynamic([2,9])';

  it('are columns, named after the arrays', async () => {
    const { names, rows } = await shapeOf(`${arrays} | project array_sort_asc(a, b)`);
    expect(names).toEqual(['a_sorted', 'b_sorted']);
    expect(rows).toEqual([
      [
        [1, 3],
        [9, 2],
      ],
    ]);
  });

  it('are one array inside an expression', async () => {
    expect((await shapeOf(`${arrays} | project c = array_sort_asc(a, b)[1]`)).rows).toEqual([[[9, 2]]]);
  });
});

describe('names in summarize', () => {
  const pairs = 'datatable(x:real, y:real)[1.0, 14.0, 2.0, 10.0, 3.0, 17.0, 4.0, 20.0, 5.0, 50.0]';

  it('are made of both columns of a covariance', async () => {
    const two = await shapeOf(`${pairs} | summarize covariance(x, y), count(), covariancep(x, y), covariance(x, y)`);
    expect(two.names).toEqual(['covariance_x_y', 'count_', 'covariancep_x_y', 'covariance_x_y1']);
    expect(two.rows).toEqual([[20.5, 5, 16.4, 20.5]]);
  });

  it('may be given to several columns at once', async () => {
    expect(await shapeOf(`${pairs} | summarize (a, b) = arg_max(y, x), n = count()`)).toEqual({
      names: ['a', 'b', 'n'],
      types: ['real', 'real', 'long'],
      rows: [[50, 5, 5]],
    });
    const stats = await shapeOf(`${pairs} | summarize (low, at) = series_stats(make_list(x)), count()`);
    expect([stats.names, stats.rows]).toEqual([['low', 'at', 'count_'], [[1, 0, 5]]]);
  });
});
