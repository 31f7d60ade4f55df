import { joinSql, sql } from '../../sql/index.js';
import { bind } from '../bind.js';
import { dynamicText, stringOf } from '../dynamic-sql.js';
import { scalar } from '../entry.js';
import { orNull } from './dynamic.js';
import { urlText } from './parse-text.js';
import { parts } from './text.js';

/**
 * Elements of values that need not be built first. KQL cannot call these: the optimiser puts them in the place of
 * `split(…)[n]`, `parse_url(…).Host` and `tostring(bag.key)`.
 */
export const elements = [
  scalar({
    name: 'split_element',
    nulls: 'possible',
    trap: 'Null beyond the last part, as an element of an array is.',
    emit: ([source, delimiter, index]) => {
      const all = parts(stringOf(source!), delimiter!);
      return sql`if(length(${all}) > ${index!.sql}, toJSONString(${all}[${index!.sql} + 1]), NULL)`;
    },
  }),
  scalar({
    name: 'split_text',
    nulls: 'never',
    emit: ([source, delimiter, index]) => sql`${parts(stringOf(source!), delimiter!)}[${index!.sql} + 1]`,
  }),
  scalar({
    name: 'url_text',
    nulls: 'never',
    emit: ([url, part]) => urlText(stringOf(url!), String(part!.literal)),
  }),
  scalar({
    name: 'property_text',
    nulls: 'never',
    trap: 'Only a text is found by the short way; everything else, an empty text too, goes the long one.',
    emit: ([from, ...path]) => {
      const keys = joinSql(
        path.map((key) => key.sql),
        ', ',
      );
      return bind(sql`ifNull(${from!.sql}, '')`, 'bag', (root) => {
        const short = sql`JSONExtractString(${root}, ${keys})`;
        return sql`if(notEmpty(${short}), ${short}, ${dynamicText(orNull(sql`JSONExtractRaw(${root}, ${keys})`))})`;
      });
    },
  }),
];
