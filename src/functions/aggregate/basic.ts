import { sql } from '../../sql/index.js';
import { aggregate } from '../entry.js';

export const basicAggregates = [
  aggregate({
    name: 'count',
    nulls: 'never',
    emit: () => sql`toInt64(count())`,
    examples: [
      ['datatable(a:long)[1,2,3] | summarize count()', [[3]]],
      ['datatable(a:long)[] | summarize count()', [[0]]],
    ],
  }),
];
