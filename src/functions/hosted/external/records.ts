import { parse } from 'csv-parse/sync';

export const delimiters = { csv: ',', tsv: '\t', psv: '|', scsv: ';', sohsv: '\u0001' } as const;
export type ExternalFormat = keyof typeof delimiters | 'txt' | 'raw' | 'json' | 'multijson';

/** The format that the name of a file tells; a name that tells none means CSV. */
export function formatOf(path: string): string {
  const ending = /\.(\w+)$/.exec(path.replace(/\.(gz|zip)$/i, ''))?.[1]?.toLowerCase() ?? '';
  return ending === 'log'
    ? 'txt'
    : /^(csv|tsv|psv|scsv|sohsv|txt|raw|json|multijson|parquet|avro|orc)$/.test(ending)
      ? ending
      : 'csv';
}

/** The records of a text, as fields; of JSON, one field with the record's own text. */
export function recordsOf(text: string, format: ExternalFormat): string[][] {
  switch (format) {
    case 'raw':
      return [[text]];
    case 'txt':
      return linesOf(text).map((line) => [line]);
    case 'json':
    case 'multijson':
      return jsonRecords(text).map((record) => [record]);
    default:
      return parse(text, {
        delimiter: delimiters[format],
        bom: true,
        relax_quotes: true,
        relax_column_count: true,
        skip_empty_lines: true,
      });
  }
}

const linesOf = (text: string) => text.replace(/\r?\n$/, '').split(/\r?\n/);

/** The objects of a text in which JSON values follow each other, or stand in one array. Their text stays as it is. */
function jsonRecords(text: string): string[] {
  const records: string[] = [];
  let depth = 0;
  let begin = -1;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}]/g)) {
    if (token === '{') {
      if (depth === 0) begin = index;
      depth += 1;
    } else if (token === '}') {
      depth -= 1;
      if (depth === 0) records.push(text.slice(begin, index + 1));
      if (depth < 0) throw new Error('its JSON closes more than it opens');
    }
  }
  if (depth !== 0) throw new Error('its JSON ends in the middle of a record');
  return records;
}
