export interface CefRecord {
  readonly vendor: string;
  readonly product: string;
  readonly version: string;
  readonly signature: string;
  readonly name: string;
  readonly severity: string | number;
  readonly extension: readonly (readonly [key: string, value: string | number])[];
}

const escapeHeader = (text: string | number) => String(text).replace(/[\\|]/g, '\\$&');
const escapeValue = (text: string | number) => String(text).replace(/[\\=]/g, '\\$&').replaceAll('\n', '\\n');

/** A CEF record without its syslog header. Zscaler does not escape its values; the others do. */
export function cef(record: CefRecord, { escaped = true, prefix = 'CEF:0' } = {}): string {
  const { vendor, product, version, signature, name, severity } = record;
  const header = [vendor, product, version, signature, name, severity].map(escapeHeader).join('|');
  const extension = record.extension.map(([key, value]) => `${key}=${escaped ? escapeValue(value) : value}`).join(' ');
  return `${prefix}|${header}|${extension}`;
}
