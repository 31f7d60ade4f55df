import { lookup } from 'node:dns';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { get as httpsGet } from 'node:https';
import type { LookupFunction } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { DiagnosticError, fail } from '../../../base/index.js';
import type { Host } from '../../entry.js';
import { isPublic, type Place, shown, webPlace } from './access.js';

const mostBytes = 100 << 20;
const mostUnpacked = 256 << 20;
const silenceMs = 30_000;
const mostRedirects = 5;

/** The text of external data, unpacked. The caps are those that Kusto names: it is for small tables of reference. */
export async function readPlace(place: Place, allowed: readonly string[], host: Host): Promise<string> {
  const name = place.kind === 'file' ? place.path : shown(place.url);
  try {
    const bytes = place.kind === 'file' ? await fileBytes(place.path, host) : await webBytes(place, allowed, host);
    const packed = bytes[0] === 0x1f && bytes[1] === 0x8b;
    const plain = packed ? gunzipSync(bytes, { maxOutputLength: mostUnpacked }) : bytes;
    return new TextDecoder('utf-8', { fatal: true }).decode(plain);
  } catch (error) {
    if (error instanceof DiagnosticError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') return tooLarge(name, mostUnpacked);
    const why = code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'it is no UTF-8' : message;
    return fail('KQL2006', `${name} cannot be read: ${why}`);
  }
}

const tooLarge = (name: string, limit: number): never =>
  fail('KQL2005', `${name} is larger than ${limit >> 20} MB`, { hint: 'vedette ingest' });

async function fileBytes(path: string, host: Host): Promise<Buffer> {
  const { size } = await stat(path);
  if (size > mostBytes) return tooLarge(path, mostBytes);
  return collected(createReadStream(path), path, host);
}

async function webBytes(
  place: Extract<Place, { kind: 'web' }>,
  allowed: readonly string[],
  host: Host,
): Promise<Buffer> {
  let at: Place = place;
  for (let i = 0; i <= mostRedirects; i++) {
    if (at.kind !== 'web') break;
    const { url } = at;
    const response = await requested(at);
    const { statusCode = 0, headers } = response;
    if (statusCode >= 300 && statusCode < 400 && headers.location !== undefined) {
      response.destroy();
      at = webPlace(new URL(headers.location, url), allowed);
      continue;
    }
    if (statusCode !== 200) {
      response.destroy();
      return fail('KQL2006', `${shown(url)} answers with status ${statusCode}`);
    }
    return collected(response, shown(url), host);
  }
  return fail('KQL2006', `${shown(place.url)} leads on more than ${mostRedirects} times`);
}

function requested({ url, byAddress }: Extract<Place, { kind: 'web' }>): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const get = url.protocol === 'https:' ? httpsGet : httpGet;
    const headers = { accept: '*/*', 'user-agent': 'vedette' };
    const request = get(url, { headers, timeout: silenceMs, ...(byAddress ? {} : { lookup: publicOnly }) }, resolve);
    request.on('timeout', () => request.destroy(new Error(`no answer within ${silenceMs / 1000} s`)));
    request.on('error', reject);
  });
}

/** Checked as the connection is made, so that the name cannot stand for something else by then. */
const publicOnly: LookupFunction = (name, options, done) => {
  lookup(name, { ...options, all: true }, (error, addresses) => {
    const hidden = !error && addresses.find((a) => !isPublic(a.address));
    if (error || hidden || !addresses[0]) {
      done(error ?? new Error(`${name} stands for an address that is not public`), '', 4);
    } else if (options.all) {
      (done as unknown as (error: null, all: typeof addresses) => void)(null, addresses);
    } else done(null, addresses[0].address, addresses[0].family);
  });
};

async function collected(stream: AsyncIterable<Buffer>, name: string, host: Host): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > mostBytes) return tooLarge(name, mostBytes);
    chunks.push(chunk);
    await host.breathe();
  }
  return Buffer.concat(chunks);
}
