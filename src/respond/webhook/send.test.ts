import { execFileSync } from 'node:child_process';
import { createHmac, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixedClock } from '../../base/index.js';
import { readDestinations } from './destinations.js';
import { type Message, type SendSetting, send, type Webhook } from './send.js';
import { dnsServer, rawServer, receiver } from './testing/servers.js';

const now = Date.UTC(2026, 2, 4, 10);
const env = {
  VEDETTE_SECRET_SOC: 'a secret of more than 16 characters',
  VEDETTE_SECRET_TOKEN: 'Bearer of-a-token',
};
const message: Message = { id: 'd-1', type: 'incident.created', body: '{"title":"Größe"}', attempt: 1 };
const setting = (allow: string[], more: Partial<SendSetting> = {}): SendSetting => ({
  ...{ allowed: readDestinations(allow), secrets: { env }, clock: fixedClock(now) },
  ...more,
});
const to = (url: string, more: Partial<Webhook> = {}): Webhook => ({ url, secret: 'soc', ...more });

/** What a receiver does to check a signature, written from the documentation alone. */
function isSigned(header: string, body: string, secret: string, nowSeconds: number): boolean {
  const pairs = header.split(',').map((pair) => pair.split('=') as [string, string]);
  const t = Number(pairs.find(([key]) => key === 't')?.[1]);
  if (Math.abs(nowSeconds - t) > 300) return false;
  const expected = createHmac('sha256', Buffer.from(secret, 'utf8')).update(`${t}.`).update(body, 'utf8').digest();
  return pairs
    .filter(([key]) => key === 'v1')
    .some(([, hex]) => hex.length === 64 && timingSafeEqual(Buffer.from(hex, 'hex'), expected));
}

describe('a message', () => {
  it('arrives with a signature that its receiver can check, and an id that stays', async () => {
    const server = await receiver();
    const hook = to(server.url, { authorizationSecret: 'token' });
    const outcome = await send(hook, message, setting([`127.0.0.1:${server.port}`]));
    expect(outcome).toEqual({ kind: 'delivered', status: 200 });
    const [got] = server.received;
    expect(got).toMatchObject({ method: 'POST', path: '/hook', body: message.body });
    expect(got!.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'x-vedette-id': 'd-1',
      'x-vedette-event': 'incident.created',
      'x-vedette-attempt': '1',
      authorization: 'Bearer of-a-token',
    });
    const header = String(got!.headers['x-vedette-signature']);
    expect(isSigned(header, got!.body, env.VEDETTE_SECRET_SOC, now / 1000)).toBe(true);
    expect(isSigned(header, `${got!.body} `, env.VEDETTE_SECRET_SOC, now / 1000)).toBe(false);
    expect(isSigned(header, got!.body, 'another secret of 16 characters', now / 1000)).toBe(false);
    expect(isSigned(header, got!.body, env.VEDETTE_SECRET_SOC, now / 1000 + 301)).toBe(false);
  });

  it('is signed with both secrets while one is being changed', async () => {
    const server = await receiver();
    const both = { VEDETTE_SECRET_SOC: 'the new secret, long enough\nthe old secret, long enough\n' };
    await send(to(server.url), message, { ...setting([`127.0.0.1:${server.port}`]), secrets: { env: both } });
    const header = String(server.received[0]!.headers['x-vedette-signature']);
    for (const secret of both.VEDETTE_SECRET_SOC.trim().split('\n')) {
      expect(isSigned(header, message.body, secret, now / 1000)).toBe(true);
    }
  });
});

describe('answers', () => {
  it.each([
    [204, 'delivered'],
    [500, 'failed'],
    [503, 'failed'],
    [429, 'failed'],
    [400, 'refused'],
    [404, 'refused'],
    [301, 'refused'],
  ])('%i: %s', async (status, kind) => {
    const server = await receiver((response) => response.writeHead(status).end());
    expect((await send(to(server.url), message, setting([`127.0.0.1:${server.port}`]))).kind).toBe(kind);
  });

  it('can ask for a pause, up to a limit', async () => {
    const pauses = ['120', '999999999', new Date(now + 60_000).toUTCString()];
    const server = await receiver((response, _, nth) =>
      response.writeHead(503, { 'Retry-After': pauses[nth - 1]! }).end(),
    );
    const outcomes = [];
    for (const _ of pauses) {
      outcomes.push(await send(to(server.url), message, setting([`127.0.0.1:${server.port}`])));
    }
    expect(outcomes.map((outcome) => 'retryAfterMs' in outcome && outcome.retryAfterMs)).toEqual([
      120_000,
      6 * 3_600_000,
      60_000,
    ]);
  });

  it('a redirect is not followed, not even to an allowed place', async () => {
    const inside = await receiver();
    const server = await receiver((response) => response.writeHead(307, { Location: inside.url }).end());
    const allow = [`127.0.0.1:${server.port}`, `127.0.0.1:${inside.port}`];
    expect(await send(to(server.url), message, setting(allow))).toMatchObject({
      kind: 'refused',
      reason: 'AUT7003 answered with a redirect (307), which is not followed',
    });
    expect(inside.received).toEqual([]);
  });
});

describe('a receiver that means harm', () => {
  const allow = (port: number, more: Partial<SendSetting> = {}) =>
    setting([`127.0.0.1:${port}`], { deadlineMs: 700, ...more });
  const timed = async (port: number) => {
    const started = performance.now();
    const outcome = await send(to(`http://127.0.0.1:${port}/`), message, allow(port));
    return { outcome, ms: performance.now() - started };
  };
  const late = { kind: 'failed', reason: 'AUT7003 no answer within the deadline' };

  it('that never answers is left at the deadline', async () => {
    const { port } = await rawServer(() => {});
    const { outcome, ms } = await timed(port);
    expect(outcome).toEqual(late);
    expect(ms).toBeLessThan(2_000);
  });

  it('that drips headers is left at the deadline', async () => {
    const { port } = await rawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const timer = setInterval(() => socket.write('X-Drip: 1\r\n'), 100);
      socket.on('close', () => clearInterval(timer));
    });
    const { outcome, ms } = await timed(port);
    expect(outcome).toEqual(late);
    expect(ms).toBeLessThan(2_000);
  });

  it('that does not read the body is left at the deadline', async () => {
    const { port } = await rawServer((socket) => socket.pause());
    const big = { ...message, body: JSON.stringify('x'.repeat(20_000_000)) };
    const outcome = await send(to(`http://127.0.0.1:${port}/`), big, allow(port));
    expect(outcome).toEqual(late);
  });

  it('that answers without end is cut off, and has the message all the same', async () => {
    let sent = 0;
    let isClosed = false;
    const { port } = await rawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
      const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
      const more = () => {
        if (isClosed) return;
        sent += chunk.length;
        if (socket.write(chunk)) setImmediate(more);
        else socket.once('drain', more);
      };
      socket.on('close', () => {
        isClosed = true;
      });
      more();
    });
    const { outcome, ms } = await timed(port);
    expect(outcome).toEqual({ kind: 'delivered', status: 200 });
    expect(ms).toBeLessThan(2_000);
    // What the buffers of the system hold beside the 64 KB that are read.
    expect(sent).toBeLessThan(16_000_000);
  });

  it('that drips its answer after the status does not hold the line', async () => {
    const { port } = await rawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n');
      const timer = setInterval(() => socket.write('x'), 50);
      socket.on('close', () => clearInterval(timer));
    });
    const { outcome, ms } = await timed(port);
    expect(outcome).toEqual({ kind: 'delivered', status: 200 });
    expect(ms).toBeLessThan(3_000);
  });

  it('that sends headers without end is cut off', async () => {
    const { port } = await rawServer((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\n${`X-Filler: ${'x'.repeat(1000)}\r\n`.repeat(100)}\r\n`);
    });
    expect((await timed(port)).outcome).toEqual({
      kind: 'failed',
      reason: 'AUT7003 no valid answer: HPE_HEADER_OVERFLOW',
    });
  });

  it('that talks nonsense gets no word of it into a reason', async () => {
    const { port } = await rawServer((socket) => socket.end('<script>alert(1)</script>\r\n\r\n'));
    const { outcome } = await timed(port);
    expect(outcome.kind).toBe('failed');
    expect(JSON.stringify(outcome)).not.toContain('script');
  });
});

describe('names', () => {
  it('that stand for an address inside are refused, even when the name is allowed', async () => {
    const inside = await receiver();
    for (const address of ['127.0.0.1', '169.254.169.254', '10.0.0.1', '192.168.1.1', '0.0.0.0', '100.64.0.1']) {
      const dns = await dnsServer(() => [address]);
      const outcome = await send(
        to(`https://hooks.example.com:${inside.port}/`),
        message,
        setting([`hooks.example.com:${inside.port}`], { resolve: dns.resolve }),
      );
      expect(outcome).toMatchObject({ kind: 'refused', reason: expect.stringContaining(`stands for ${address}`) });
    }
    expect(inside.received).toEqual([]);
  });

  it('are refused when only one of their addresses is inside', async () => {
    const dns = await dnsServer(() => ['93.184.215.14', '169.254.169.254']);
    const outcome = await send(
      to('https://hooks.example.com/'),
      message,
      setting(['hooks.example.com'], { resolve: dns.resolve }),
    );
    expect(outcome).toMatchObject({ kind: 'refused', reason: expect.stringMatching(/^AUT7001 .*169\.254\.169\.254/) });
  });

  it('that change their answer are asked once for an attempt, and the connection goes to what was checked', async () => {
    const allowed = await receiver();
    const other = await rawServer(() => {});
    // First the allowed address; whoever asked again would be sent to another one.
    const dns = await dnsServer((_, nth) => [nth === 1 ? '127.0.0.1' : '127.0.0.2']);
    const url = `http://rebind.example.com:${allowed.port}/hook`;
    const more = { resolve: dns.resolve };
    const first = await send(to(url), message, setting([`127.0.0.1:${allowed.port}`], more));
    expect(first).toEqual({ kind: 'delivered', status: 200 });
    expect(dns.questions).toEqual(['rebind.example.com']);
    expect(allowed.received[0]!.headers.host).toBe(`rebind.example.com:${allowed.port}`);
    // The next attempt asks anew, is told another address, and refuses it.
    const second = await send(to(url), message, setting([`127.0.0.1:${allowed.port}`], more));
    expect(second).toMatchObject({ kind: 'refused', reason: expect.stringContaining('stands for 127.0.0.2') });
    expect([allowed.received.length, other.connections.length]).toEqual([1, 0]);
  });

  it('that are not on the list are not even asked for', async () => {
    const dns = await dnsServer(() => ['93.184.215.14']);
    const outcome = await send(
      to('https://secrets.evil.example/'),
      message,
      setting(['hooks.example.com'], { resolve: dns.resolve }),
    );
    expect(outcome).toEqual({
      kind: 'refused',
      reason:
        'AUT7001 https://secrets.evil.example is not on the list of destinations (allow it with --allow-webhook secrets.evil.example)',
    });
    expect(dns.questions).toEqual([]);
  });

  it('that nobody knows are tried again', async () => {
    const dns = await dnsServer(() => []);
    const outcome = await send(
      to('https://hooks.example.com/'),
      message,
      setting(['hooks.example.com'], { resolve: dns.resolve }),
    );
    expect(outcome.kind).toBe('failed');
  });

  it('whose server is silent do not hold the line', async () => {
    const resolve = () => new Promise<string[]>(() => {});
    const outcome = await send(
      to('https://hooks.example.com/'),
      message,
      setting(['hooks.example.com'], { resolve, deadlineMs: 200 }),
    );
    expect(outcome).toEqual({ kind: 'failed', reason: 'AUT7003 no answer within the deadline' });
  });
});

describe('secrets', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vedette-secrets-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('come from files that nobody else can read', async () => {
    const server = await receiver();
    const allowed = setting([`127.0.0.1:${server.port}`]);
    await writeFile(join(folder, 'hook'), 'the key that is in a file\n', { mode: 0o600 });
    await send(to(server.url, { secret: 'hook' }), message, { ...allowed, secrets: { folder } });
    const header = String(server.received[0]!.headers['x-vedette-signature']);
    expect(isSigned(header, message.body, 'the key that is in a file', now / 1000)).toBe(true);
    await chmod(join(folder, 'hook'), 0o644);
    const outcome = await send(to(server.url, { secret: 'hook' }), message, { ...allowed, secrets: { folder } });
    expect(outcome).toMatchObject({ kind: 'refused', reason: expect.stringContaining('others can read') });
  });

  it.each(['../../etc/passwd', 'PATH/x', '', 'a b'])('cannot name %j', async (secret) => {
    const server = await receiver();
    const outcome = await send(to(server.url, { secret }), message, setting([`127.0.0.1:${server.port}`]));
    expect(outcome).toMatchObject({ kind: 'refused', reason: expect.stringContaining('AUT7002') });
    expect(server.received).toEqual([]);
  });

  it('cannot reach other variables, and short ones are refused', async () => {
    const server = await receiver();
    const variables = { HOME: 'a value of more than 16 characters', VEDETTE_SECRET_SHORT: 'password' };
    for (const secret of ['HOME', 'short']) {
      const outcome = await send(to(server.url, { secret }), message, {
        ...setting([`127.0.0.1:${server.port}`]),
        secrets: { env: variables },
      });
      expect(outcome).toMatchObject({ kind: 'refused', reason: expect.stringContaining('AUT7002') });
      expect(JSON.stringify(outcome)).not.toMatch(/password|a value of/);
    }
  });

  it('that hold the address show only its host', async () => {
    const secrets = { env: { ...env, VEDETTE_SECRET_CHAT: 'https://chat.example.com/services/T0/KEY' } };
    const hook: Webhook = { urlSecret: 'chat', secret: 'soc' };
    const outcome = await send(hook, message, { ...setting([]), secrets });
    expect(outcome).toMatchObject({ kind: 'refused', reason: expect.stringContaining('https://chat.example.com') });
    expect(JSON.stringify(outcome)).not.toContain('KEY');
  });
});

describe('TLS', () => {
  const folder = join(tmpdir(), `vedette-tls-${process.pid}`);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  let isReady = false;
  beforeAll(() => {
    try {
      execFileSync('mkdir', ['-p', folder]);
      const subject = ['-subj', '/CN=hooks.example.com', '-addext', 'subjectAltName=DNS:hooks.example.com'];
      openssl(
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-keyout',
        'key',
        '-out',
        'cert',
        '-days',
        '2',
        ...subject,
      );
      isReady = true;
    } catch {
      console.warn('skipped: there is no openssl to make a certificate with');
    }
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('is verified against the name of the address', async ({ skip }) => {
    if (!isReady) return skip();
    const [key, cert] = ['key', 'cert'].map((file) => readFileSync(join(folder, file), 'utf8')) as [string, string];
    let requests = 0;
    const server = createServer({ key, cert }, (_, response) => {
      requests++;
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const dns = await dnsServer(() => ['127.0.0.1']);
    const allow = setting([`127.0.0.1:${port}`], { resolve: dns.resolve });
    const post = (host: string, more: Partial<SendSetting>) =>
      send(to(`https://${host}:${port}/`), message, { ...allow, ...more });
    expect(await post('hooks.example.com', {})).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('self-signed'),
    });
    expect(await post('other.example.com', { ca: cert })).toEqual({
      kind: 'failed',
      reason: 'AUT7003 the certificate is for another name',
    });
    expect(await post('127.0.0.1', { ca: cert })).toMatchObject({ kind: 'failed' });
    expect(requests).toBe(0);
    expect(await post('hooks.example.com', { ca: cert })).toEqual({ kind: 'delivered', status: 200 });
    server.close();
  });

  it('is needed for anything but loopback', async () => {
    const dns = await dnsServer(() => ['93.184.215.14']);
    const outcome = await send(
      to('http://hooks.example.com:8080/'),
      message,
      setting(['hooks.example.com:8080', '93.184.215.14:8080'], { resolve: dns.resolve }),
    );
    expect(outcome).toMatchObject({ kind: 'refused', reason: expect.stringContaining('without encryption') });
  });
});
