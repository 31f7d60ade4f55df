import { lookup } from 'node:dns/promises';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { type Clock, DiagnosticError } from '../../base/index.js';
import { checkAddresses, checkHost, type Destinations, type Target, targetOf } from './destinations.js';
import { type SecretPlaces, secretLines, signingKeys } from './secrets.js';
import { signature, signatureHeader } from './signature.js';

/** Bounds of one attempt. */
export const webhookLimits = {
  /** From the first question for the name to the status of the answer. */
  deadlineMs: 15_000,
  /** Headers of an answer. */
  headerBytes: 16 * 1024,
  /** An answer's body is nobody's concern: so much of it is taken off the line, then the connection is cut. */
  bodyBytes: 64 * 1024,
  bodyMs: 2_000,
  /** Longest pause that a receiver may ask for. */
  retryAfterMs: 6 * 3_600_000,
} as const;

/** What a webhook is sent with. A rule names secrets; their values are read for each attempt and never kept. */
export interface Webhook {
  readonly url?: string | undefined;
  /** Secret that holds the address, for receivers whose address is the key. */
  readonly urlSecret?: string | undefined;
  /** Secret that the body is signed with. */
  readonly secret: string;
  /** Secret that goes into the Authorization header. */
  readonly authorizationSecret?: string | undefined;
}

export interface Message {
  /** The same for every attempt, so that a receiver knows what it has. */
  readonly id: string;
  readonly type: string;
  readonly body: string;
  readonly attempt: number;
}

export interface SendSetting {
  readonly allowed: Destinations;
  readonly secrets: SecretPlaces;
  readonly clock: Clock;
  /** All addresses of a name; the system's by default. Asked once for an attempt. */
  readonly resolve?: ((host: string) => Promise<readonly string[]>) | undefined;
  /** Certificates beside those of the system. */
  readonly ca?: string | undefined;
  readonly deadlineMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export type Outcome =
  | { readonly kind: 'delivered'; readonly status: number }
  /** Another attempt may succeed. */
  | {
      readonly kind: 'failed';
      readonly reason: string;
      readonly status?: number | undefined;
      readonly retryAfterMs?: number | undefined;
    }
  /** Another attempt would end alike until a person changes something. */
  | { readonly kind: 'refused'; readonly reason: string; readonly status?: number | undefined };

/** Answers for which another attempt is of use; other 4xx say that the request is wrong. */
const transientStatus = (status: number): boolean => status >= 500 || [408, 425, 429].includes(status);

const systemResolve = async (host: string): Promise<readonly string[]> =>
  (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address);

/**
 * Posts a message once. The name is resolved once, every address is checked, and the connection goes to one of these
 * addresses; redirects are not followed. Reasons hold neither secrets nor what follows the host of an address nor anything
 * that the receiver said.
 */
export async function send(webhook: Webhook, message: Message, setting: SendSetting): Promise<Outcome> {
  const deadline = AbortSignal.timeout(setting.deadlineMs ?? webhookLimits.deadlineMs);
  const signal = setting.signal ? AbortSignal.any([deadline, setting.signal]) : deadline;
  try {
    const { target, addresses } = await destination(webhook, setting, signal);
    const keys = await signingKeys(webhook.secret, setting.secrets);
    const authorization =
      webhook.authorizationSecret && (await secretLines(webhook.authorizationSecret, setting.secrets))[0];
    const headers = {
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Length': String(Buffer.byteLength(message.body)),
      'User-Agent': 'Vedette-Webhook/1',
      [signatureHeader]: signature(message.body, keys, Math.floor(setting.clock.now() / 1000)),
      'X-Vedette-Id': message.id,
      'X-Vedette-Event': message.type,
      'X-Vedette-Attempt': String(message.attempt),
      ...(authorization ? { Authorization: authorization } : {}),
    };
    const answer = await post(target, addresses, headers, message.body, setting, signal);
    const status = answer.statusCode ?? 0;
    await drained(answer, signal);
    return judged(status, answer.headers['retry-after'], setting.clock.now());
  } catch (error) {
    if (error instanceof DiagnosticError) {
      return { kind: 'refused', reason: reasonOf(error) };
    }
    if (deadline.aborted) return { kind: 'failed', reason: 'AUT7003 no answer within the deadline' };
    return { kind: 'failed', reason: reasonOf(error as NodeJS.ErrnoException) };
  }
}

/** Why a message did not go, in a line that may be stored and shown. */
export function reasonOf(error: Error): string {
  if (!(error instanceof DiagnosticError)) return `AUT7003 ${troubleOf(error)}`;
  return error.diagnostics.map(({ code, message, hint }) => `${code} ${message}${hint ? ` (${hint})` : ''}`).join('; ');
}

/** What went wrong on the way, without the words of the receiver that some messages quote. */
function troubleOf({ code = '', message }: NodeJS.ErrnoException): string {
  if (code.startsWith('HPE_')) return `no valid answer: ${code}`;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'the certificate is for another name';
  // Of several addresses that all fail there is only the code.
  return message || code;
}

/** The target of a webhook and the addresses that its host stands for, all of them allowed. Errors AUT7001, AUT7002. */
async function destination(
  webhook: Webhook,
  { allowed, secrets, resolve = systemResolve }: SendSetting,
  signal?: AbortSignal,
): Promise<{ target: Target; addresses: readonly string[] }> {
  const address = webhook.url ?? (await secretLines(webhook.urlSecret ?? '', secrets))[0]!;
  const target = targetOf(address);
  if (isIP(target.host) !== 0) {
    checkAddresses(target, [target.host], allowed);
    return { target, addresses: [target.host] };
  }
  // A host that is not listed is not even asked for: the question itself could carry something away.
  checkHost(target, allowed);
  const addresses = [...new Set(await untilAborted(resolve(target.host), signal))];
  checkAddresses(target, addresses, allowed);
  return { target, addresses };
}

/** The addresses that a webhook would go to, with its secrets looked up and nothing sent. Errors AUT7001, AUT7002. */
export async function checkWebhook(webhook: Webhook, setting: SendSetting): Promise<readonly string[]> {
  await signingKeys(webhook.secret, setting.secrets);
  if (webhook.authorizationSecret) await secretLines(webhook.authorizationSecret, setting.secrets);
  const signal = AbortSignal.timeout(setting.deadlineMs ?? webhookLimits.deadlineMs);
  return (await destination(webhook, setting, signal)).addresses;
}

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise<T>((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

function post(
  { url, host, port, isTls }: Target,
  addresses: readonly string[],
  headers: Record<string, string>,
  body: string,
  setting: SendSetting,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  // Whatever is asked, these are the answers: the name is not resolved a second time.
  const pinned: LookupFunction = (_name, options, done) => {
    const all = addresses.map((address) => ({ address, family: isIP(address) }));
    if (options.all) (done as unknown as (error: null, found: typeof all) => void)(null, all);
    else done(null, all[0]!.address, all[0]!.family);
  };
  const options: RequestOptions & { rejectUnauthorized: boolean; minVersion: 'TLSv1.2'; ca?: string } = {
    ...{ method: 'POST', host, port, path: `${url.pathname}${url.search}`, headers: { Host: url.host, ...headers } },
    // A connection of its own, so that none is reused that was made for another check; no proxy of the environment.
    ...{ agent: false, lookup: pinned, maxHeaderSize: webhookLimits.headerBytes, signal },
    ...{ rejectUnauthorized: true, minVersion: 'TLSv1.2', ...(setting.ca ? { ca: setting.ca } : {}) },
  };
  return new Promise((resolve, reject) => {
    const request = (isTls ? httpsRequest : httpRequest)(options, resolve);
    request.on('error', reject);
    request.end(body);
  });
}

/** Takes the rest of a small answer off the line, so that its sender sees no broken connection; cuts off a large one. */
async function drained(answer: IncomingMessage, signal: AbortSignal): Promise<void> {
  const timer = setTimeout(() => answer.destroy(), webhookLimits.bodyMs);
  let size = 0;
  try {
    for await (const chunk of answer) {
      size += (chunk as Buffer).length;
      if (size > webhookLimits.bodyBytes || signal.aborted) break;
    }
  } catch {
    // The status has been read; nothing depends on the rest.
  } finally {
    clearTimeout(timer);
    answer.destroy();
  }
}

function judged(status: number, retryAfter: string | undefined, now: number): Outcome {
  if (status >= 200 && status < 300) return { kind: 'delivered', status };
  if (status >= 300 && status < 400) {
    return { kind: 'refused', status, reason: `AUT7003 answered with a redirect (${status}), which is not followed` };
  }
  const reason = `AUT7003 answered with status ${status}`;
  if (!transientStatus(status)) return { kind: 'refused', status, reason };
  return { kind: 'failed', status, reason, retryAfterMs: pauseOf(retryAfter, now) };
}

/** Retry-After is seconds or a date. */
function pauseOf(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), webhookLimits.retryAfterMs);
}
