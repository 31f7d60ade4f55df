/** What a check of a parser found. Errors break detections; warnings and infos are advice, as in Microsoft's own testers. */
export interface ParserFinding {
  readonly severity: 'error' | 'warning' | 'info';
  readonly field: string;
  readonly message: string;
  /** Of a check of data: how many rows, and one of the values. */
  readonly rows?: number;
  readonly example?: unknown;
}
