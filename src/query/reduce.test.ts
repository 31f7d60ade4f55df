import { describe, expect, it } from 'vitest';
import { openAnswers } from './testing/index.js';

const { rowsOf } = openAnswers();

const foo = 'range x from 1 to 10 step 1 | project str = strcat("foo", "Z", tostring(x))';

describe('reduce', () => {
  it('answers the documented examples', async () => {
    expect(await rowsOf(`${foo} | reduce by str`)).toEqual([['others', 10, '']]);
    expect(await rowsOf(`${foo} | reduce by str with characters="Z"`)).toEqual([['foo*', 10, 'fooZ1']]);
    const learning = 'range x from 1 to 1000 step 1 | project t = strcat("MachineLearningX", tostring(x % 10))';
    expect(await rowsOf(`${learning} | reduce by t with threshold=0.001 , characters = "X"`)).toEqual([
      ['MachineLearning*', 1000, 'MachineLearningX0'],
    ]);
  });

  const log = `datatable(n: long, m: string)[
    1, "Failed password for alice from 192.0.2.1 port 22", 2, "Failed password for bob from 192.0.2.7 port 22",
    3, "Failed password for carol from 198.51.100.9 port 4022", 4, "Accepted key for dave", 5, "Accepted key for erin",
    6, "disk full", 7, "", 8, "Accepted key for frank"]`;

  it('keeps what the lines share and stars what varies', async () => {
    expect(await rowsOf(`${log} | reduce by m`)).toEqual([
      ['Failed password for * from *.*.*.* port *', 3, 'Failed password for alice from 192.0.2.1 port 22'],
      ['Accepted key for *', 3, 'Accepted key for dave'],
      ['others', 2, ''],
    ]);
  });

  it('loses no row and counts each once, however high the threshold', async () => {
    for (const threshold of ['0.0', '0.4', '1.0'])
      expect(await rowsOf(`${log} | reduce by m with threshold=${threshold} | summarize sum(Count)`)).toEqual([[8]]);
    expect(await rowsOf(`${log} | where n > 99 | reduce by m`)).toEqual([]);
  });

  it('gives each row its pattern, and works within groups', async () => {
    expect(await rowsOf(`${log} | reduce kind=source by m | sort by n asc | project n, Pattern, Count`)).toEqual([
      [1, 'Failed password for * from *.*.*.* port *', 3],
      [2, 'Failed password for * from *.*.*.* port *', 3],
      [3, 'Failed password for * from *.*.*.* port *', 3],
      [4, 'Accepted key for *', 3],
      [5, 'Accepted key for *', 3],
      [6, 'others', 2],
      [7, 'others', 2],
      [8, 'Accepted key for *', 3],
    ]);
    const grouped = `${log} | extend g = n > 3 | partition by g (reduce by m | project Pattern, Count)`;
    expect(await rowsOf(`${grouped} | sort by Count desc, Pattern asc`)).toEqual([
      ['Accepted key for *', 3],
      ['Failed password for * from *.*.*.* port *', 3],
      ['others', 2],
    ]);
  });
});
