import { describe, expect, it } from 'vitest';
import { openAnswers } from './testing/index.js';

const { tableOf } = openAnswers();

describe('names that the query computes', () => {
  it('projects by texts with stars and by the columns of another table', async () => {
    const query = `let other = datatable(City:string, Name:string)[];
      datatable(Name:string, Age:int, City:string, Country:string)["Peter", 39, "New York", "USA"]
      | project-by-names "Co*", column_names_of(other)`;
    expect(await tableOf(query)).toEqual({ names: ['Country', 'City', 'Name'], rows: [['USA', 'New York', 'Peter']] });
  });
});

describe('terms out of a table', () => {
  const terms = 'let terms = datatable(t:string)["foo", "bar"]; datatable(x:string)["a foo b", "bar, foo", "foobar"]';

  it('has_any and has_all read its first column', async () => {
    expect((await tableOf(`${terms} | where x has_any (terms) | project x`)).rows).toEqual([['a foo b'], ['bar, foo']]);
    expect((await tableOf(`${terms} | where x has_all (terms) | project x`)).rows).toEqual([['bar, foo']]);
  });
});

describe('patterns', () => {
  const capital = `declare pattern country = (name:string)[state:string]
    { ("USA").["New York"] = { print Capital = "Albany" }; ("Canada").["Alberta"] = { print Capital = "Edmonton" }; };`;

  it('run the case that arguments and path equal', async () => {
    expect((await tableOf(`${capital} country("Canada").Alberta`)).rows).toEqual([['Edmonton']]);
    expect((await tableOf(`${capital} country("USA").["New York"]`)).rows).toEqual([['Albany']]);
  });
});
