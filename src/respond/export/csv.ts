/** What a spreadsheet takes for the start of a formula, the full-width signs of East Asian input included. */
const formula = /^[\s\p{Cc}\p{Cf}]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r]/u;

/** The same after what another reader may split at: many spreadsheets take semicolons and then see no quotes here. */
const hidden = /(?<=[;\t\r\n][\s"]*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])/gu;

/**
 * A cell that no spreadsheet computes: a text that could be a formula gets an apostrophe before it. Numbers stay numbers.
 * Source  https://owasp.org/www-community/attacks/CSV_Injection
 */
export function csvCell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  const text = (typeof value === 'string' ? value : JSON.stringify(value)).replaceAll('\0', '\u2400');
  const harmless = (formula.test(text) ? `'${text}` : text).replace(hidden, "'");
  return `"${harmless.replaceAll('"', '""')}"`;
}

/** One line after RFC 4180. */
export const csvLine = (cells: readonly unknown[]): string => `${cells.map(csvCell).join(',')}\r\n`;
