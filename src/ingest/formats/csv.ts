/**
 * Splits one CSV record into its fields: quotes double inside quotes, blanks are kept, a quote in the middle of a bare
 * field is text. Used for export files and for PAN-OS syslog alike.
 */
export function splitCsv(text: string, delimiter = ','): string[] {
  if (!text.includes('"')) return text.split(delimiter);
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    if (text[at] === '"') {
      let end = at + 1;
      for (;;) {
        end = text.indexOf('"', end);
        if (end === -1) {
          fields.push(text.slice(at));
          return fields;
        }
        if (text[end + 1] !== '"') break;
        end += 2;
      }
      const next = text.indexOf(delimiter, end + 1);
      const stop = next === -1 ? text.length : next;
      fields.push(text.slice(at + 1, end).replaceAll('""', '"') + text.slice(end + 1, stop));
      if (next === -1) return fields;
      at = next + 1;
    } else {
      const next = text.indexOf(delimiter, at);
      if (next === -1) {
        fields.push(text.slice(at));
        return fields;
      }
      fields.push(text.slice(at, next));
      at = next + 1;
    }
  }
}

/** Whether the quotes of a text are not closed: the record goes on in the next line. */
export function hasOpenQuote(text: string): boolean {
  let count = 0;
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) count++;
  return count % 2 === 1;
}

export interface CsvHeader {
  readonly delimiter: string;
  readonly names: readonly string[];
}

const nameShape = /^[\p{L}_@#/][^=<>{}|\\"]{0,79}$/u;

/**
 * The header line of a CSV export, or undefined. A header has three names or more, none of them a value, and the first
 * record has as many fields; so a line of a log that happens to hold commas is not taken for one.
 */
export function csvHeader(first: string, second: string | undefined): CsvHeader | undefined {
  for (const delimiter of [',', ';', '\t']) {
    const names = splitCsv(first, delimiter).map((name) => name.trim());
    if (names.length < 3) continue;
    const named = names.filter((name) => name !== '');
    if (named.length < names.length - 1 || new Set(named).size < named.length) continue;
    if (!named.every((name) => nameShape.test(name))) continue;
    const isWhole = second !== undefined && second.trim() !== '' && !hasOpenQuote(second);
    if (isWhole && splitCsv(second, delimiter).length !== names.length) continue;
    return { delimiter, names };
  }
  return undefined;
}
