/**
 * What the rule makes of each variant: null when it finds the story, else the id of the `rule explain` step at which the
 * last row dies. A step id is the operator and the source it concerns (see README.md), so that it survives a reformatting
 * of the rule, and a `let` in place of a nested pipeline.
 */
export const variants = {
  /** The whole story. */
  hit: null,
  /** The proxy was redirected: its URL ends in a slash, the one in the mail does not. */
  'url-slash': 'join:CommonSecurityLog',
  /** The link was opened by a colleague who never received the mail. */
  'other-sid': 'join:DeviceEvents',
  /** The link was opened after the end of the window: the one event of a story at or after `at`. */
  'click-late': 'join:DeviceEvents',
  /** The proxy and the sessions reached a private address. */
  'private-destination': 'join:_Im_NetworkSession',
  /** The connector saw sessions, but none to the address that the proxy logged. */
  'no-session': 'join:_Im_NetworkSession',
  /** The alert was raised by Defender for Endpoint, not by Defender for Office 365. */
  'other-service': 'where:AlertEvidence',
} as const satisfies Record<string, string | null>;

export type Variant = keyof typeof variants;
export const variantNames = Object.keys(variants) as Variant[];
