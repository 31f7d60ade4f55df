import { createHmac } from 'node:crypto';

export const signatureHeader = 'X-Vedette-Signature';

/**
 * `t=<Unix seconds>,v1=<hex>`: HMAC-SHA256 under the secret over the seconds, a full stop and the body. While a secret is
 * being changed there is a `v1` for each.
 */
export function signature(body: string, secrets: readonly string[], unixSeconds: number): string {
  const sign = (secret: string) => createHmac('sha256', secret).update(`${unixSeconds}.${body}`).digest('hex');
  return [`t=${unixSeconds}`, ...secrets.map((secret) => `v1=${sign(secret)}`)].join(',');
}
