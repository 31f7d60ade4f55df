const time = /^\d{4}-\d\d-\d\dT/;

/** A value of a test file as KQL writes it. */
export function kqlLiteral(value: unknown): string {
  if (typeof value === 'string') return time.test(value) ? `datetime(${value})` : JSON.stringify(value);
  return typeof value === 'object' && value !== null ? `dynamic(${JSON.stringify(value)})` : String(value);
}

const isEmpty = (value: unknown): boolean =>
  value === null ||
  value === undefined ||
  value === '' ||
  (typeof value === 'object' && Object.keys(value).length === 0);

/**
 * `*` stands for any value, empty ones are equal, times are compared as instants, lists item by item; of an object the
 * listed keys count.
 */
export function isSame(wanted: unknown, given: unknown): boolean {
  if (wanted === '*') return !isEmpty(given);
  if (isEmpty(wanted)) return isEmpty(given);
  if (typeof wanted === 'string' && time.test(wanted)) return Date.parse(wanted) === Date.parse(String(given));
  if (typeof wanted !== 'object' || wanted === null) return wanted === given;
  if (typeof given !== 'object' || given === null) return false;
  if (Array.isArray(wanted) && (!Array.isArray(given) || given.length !== wanted.length)) return false;
  return Object.entries(wanted).every(([key, value]) => isSame(value, (given as Record<string, unknown>)[key]));
}
