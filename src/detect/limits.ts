/**
 * Limits of the product on alerts and incidents. Sizes are bytes of UTF-8 unless the name says characters.
 * Source  https://learn.microsoft.com/azure/sentinel/sentinel-service-limits
 */
export const limits = {
  /** Alerts of one run with AlertPerResult; when there are more rows, the last alert stands for the whole result. */
  alertsPerRun: { Scheduled: 150, NRT: 30 },
  /** Shared equally among the entity mappings of the rule. */
  entitiesPerAlert: 500,
  entitiesBytes: 64 * 1024,
  alertBytes: 64 * 1024,
  valuesPerDetail: 50,
  customDetailsBytes: 2 * 1024,
  /** The name of an alert and other properties that hold one value. */
  singleValueBytes: 256,
  /** The description of an alert and properties that hold a list. */
  listValueBytes: 5 * 1024,
  /** The query that leads back to the row of an alert. */
  savedQueryBytes: 10 * 1024,
  alertsPerIncident: 150,
  incidentDescriptionChars: 5_000,
  commentsPerIncident: 100,
  commentChars: 30_000,
  tasksPerIncident: 40,
  /** Rows of a result that the record of the run keeps, in characters of JSON. This one is ours. */
  storedRowsChars: 8_000_000,
} as const;

export const utf8Bytes = (text: string): number => Buffer.byteLength(text, 'utf8');

/** Cuts a text to a number of bytes without splitting a character. */
export function cutToBytes(text: string, bytes: number): string {
  if (utf8Bytes(text) <= bytes) return text;
  let cut = '';
  let used = 0;
  for (const char of text) {
    used += utf8Bytes(char);
    if (used > bytes) break;
    cut += char;
  }
  return cut;
}
