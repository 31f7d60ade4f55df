import { beforeAll, describe, expect, it } from 'vitest';
import type { WebhookAction } from '../../content/index.js';
import type { Store } from '../../store/index.js';
import { openTestStore } from '../../store/testing/index.js';
import { Courier, type CourierOptions } from './courier.js';
import { readDestinations } from './destinations.js';
import { type NewDelivery, Outbox } from './outbox.js';
import { pauseAfter, retries } from './retries.js';
import { rawServer, receiver } from './testing/servers.js';

let store: Store;
let now = Date.UTC(2026, 2, 4, 10);
const clock = { now: () => now };
const second = 1000;

beforeAll(async () => {
  store = await openTestStore();
});

let ids = 0;
const delivery = (): NewDelivery => ({
  ...{ id: `delivery-${++ids}`, ruleId: 'r1', ruleName: 'Rule', actionOrder: 1, eventType: 'incident.created' },
  ...{ incidentNumber: 7, destination: 'http://127.0.0.1' },
});

function courier(port: number, more: Partial<CourierOptions> = {}): Courier {
  const webhook: WebhookAction = {
    ...{ type: 'RunWebhook', order: 1, url: `http://127.0.0.1:${port}/hook` },
    ...{ urlSecret: undefined, secret: 'soc', authorizationSecret: undefined },
  };
  return new Courier({
    ...{ store, clock, allowed: readDestinations([`127.0.0.1:${port}`]), webhook: () => webhook, random: () => 0.5 },
    secrets: { env: { VEDETTE_SECRET_SOC: 'a secret of more than 16 characters' } },
    ...more,
  });
}

describe('a message', () => {
  it('is recorded before it is sent', async () => {
    let recorded: unknown;
    const server = await receiver(async (response) => {
      recorded = (await store.query(`SELECT Status, Payload FROM VedetteDelivery_CL ORDER BY Version`)).rows;
      response.end();
    });
    const post = courier(server.port);
    await post.outbox.add(delivery(), '{"a":1}');
    await post.deliver();
    expect(recorded).toEqual([
      ['Pending', '{"a":1}'],
      ['Sending', ''],
    ]);
    expect(server.received[0]!.body).toBe('{"a":1}');
    expect(await post.outbox.waiting()).toEqual([]);
  });

  it('that is refused with 500 comes again after a pause, under the same id, and then no more', async () => {
    const server = await receiver((response, _, nth) => response.writeHead(nth < 3 ? 500 : 200).end());
    const post = courier(server.port);
    const { id } = delivery();
    await post.outbox.add({ ...delivery(), id }, '{"b":1}');
    const first = await post.deliver();
    // The pauses of the documentation: 15 s, then three times as long.
    expect(first.nextAt! - now).toBe(15 * second);
    now += 14 * second;
    expect((await post.deliver()).tried).toEqual([]);
    now += second;
    expect((await post.deliver()).nextAt! - now).toBe(45 * second);
    now += 45 * second;
    expect((await post.deliver()).tried).toMatchObject([{ id, status: 'Delivered', attempts: 3 }]);
    now += 86_400 * second;
    expect((await post.deliver()).tried).toEqual([]);
    expect(
      server.received.map(({ headers, body }) => [headers['x-vedette-id'], headers['x-vedette-attempt'], body]),
    ).toEqual([1, 2, 3].map((nth) => [id, String(nth), '{"b":1}']));
  });

  it('is a dead letter after the last attempt, until a person sends it again or drops it', async () => {
    let status = 503;
    const server = await receiver((response) => response.writeHead(status).end());
    const post = courier(server.port, { attempts: 3 });
    const [one, two] = [delivery(), delivery()];
    for (const each of [one, two]) await post.outbox.add(each, '{}');
    for (let i = 0; i < 5; i++) {
      await post.deliver();
      now += 3_600 * second;
    }
    expect(server.received).toHaveLength(6);
    expect(await post.outbox.deadLetters()).toMatchObject(
      [one, two].map(({ id }) => ({ id, attempts: 3, lastStatus: 503, reason: 'AUT7003 answered with status 503' })),
    );
    status = 200;
    await post.outbox.retry(one.id);
    await post.outbox.drop(two.id);
    expect((await post.deliver()).tried).toMatchObject([{ id: one.id, status: 'Delivered' }]);
    expect(await post.outbox.deadLetters()).toEqual([]);
    await expect(post.outbox.retry(two.id)).rejects.toThrow('AUT7004');
    const health = await store.query(
      `SELECT Status, Reason FROM SentinelHealth WHERE RecordId = '${one.id}' ORDER BY TimeGenerated`,
    );
    expect(health.rows).toEqual([
      ['Failure', 'AUT7003 answered with status 503'],
      ['Success', ''],
    ]);
  });

  it.each([
    [404, 'answered with status 404'],
    [302, 'redirect'],
  ])('that a receiver will never take (%i) is a dead letter at once', async (status, reason) => {
    const server = await receiver((response) => response.writeHead(status, { Location: '/' }).end());
    const post = courier(server.port);
    await post.outbox.add(delivery(), '{}');
    expect((await post.deliver()).tried).toMatchObject([
      { status: 'DeadLetter', attempts: 1, reason: expect.stringContaining(reason) },
    ]);
    expect(server.received).toHaveLength(1);
  });

  it('whose rule is gone, or whose destination is not allowed any more, is a dead letter with the reason', async () => {
    const server = await receiver();
    const gone = courier(server.port, { webhook: () => undefined });
    await gone.outbox.add(delivery(), '{}');
    expect((await gone.deliver()).tried).toMatchObject([
      { status: 'DeadLetter', reason: expect.stringContaining('AUT7004') },
    ]);
    const closed = courier(server.port, { allowed: readDestinations([]) });
    await closed.outbox.add(delivery(), '{}');
    expect((await closed.deliver()).tried).toMatchObject([
      { status: 'DeadLetter', reason: expect.stringContaining('AUT7001') },
    ]);
    expect(server.received).toEqual([]);
  });

  it('is sent by one of two processes, and by the other once the first is gone', async () => {
    const hanging = await rawServer(() => {});
    const server = await receiver();
    const [dying, living] = [courier(hanging.port), courier(server.port)];
    await dying.outbox.add(delivery(), '{}');
    const killed = new AbortController();
    const attempt = dying.deliver(killed.signal);
    while (hanging.connections.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    // Within the lease nobody else sends it.
    expect((await living.deliver()).tried).toEqual([]);
    killed.abort();
    expect((await attempt).tried).toEqual([]);
    now += 15 * second + retries.leaseMarginMs;
    expect((await living.deliver()).tried).toMatchObject([{ status: 'Delivered', attempts: 2 }]);
  });

  it('whose sender dies every time is a dead letter too', async () => {
    const post = courier(1);
    await post.outbox.add(delivery(), '{}');
    for (let i = 0; i < 2; i++) {
      await post.outbox.claim((await post.outbox.waiting())[0]!, 'dies', 1000);
      now += 2 * second;
    }
    const last = courier(1, { attempts: 2 });
    expect((await last.deliver()).tried).toMatchObject([{ status: 'DeadLetter', attempts: 2 }]);
  });

  it('is not sent twice by processes that look at the same moment', async () => {
    const server = await receiver();
    const posts = [courier(server.port), courier(server.port), courier(server.port)];
    for (let i = 0; i < 5; i++) await posts[0]!.outbox.add(delivery(), '{}');
    await Promise.all(posts.map((post) => post.deliver()));
    expect(server.received).toHaveLength(5);
    expect(new Set(server.received.map((one) => one.headers['x-vedette-id'])).size).toBe(5);
  });

  it('does not wait for another whose receiver is slow', async () => {
    const hanging = await rawServer(() => {});
    const server = await receiver();
    const webhook = (_: string, order: number): WebhookAction => ({
      ...{ type: 'RunWebhook', order, urlSecret: undefined, secret: 'soc', authorizationSecret: undefined },
      url: `http://127.0.0.1:${order === 1 ? hanging.port : server.port}/`,
    });
    const allowed = readDestinations([`127.0.0.1:${hanging.port}`, `127.0.0.1:${server.port}`]);
    const post = courier(0, { webhook, allowed, deadlineMs: 1500 });
    await post.outbox.add(delivery(), '{}');
    await post.outbox.add({ ...delivery(), actionOrder: 2 }, '{}');
    const all = post.deliver();
    await expect.poll(() => server.received.length, { timeout: 1200 }).toBe(1);
    expect((await all).tried.map((one) => one.status).sort()).toEqual(['Delivered', 'Pending']);
    now += 86_400 * second;
    await courier(server.port).deliver();
  });
});

describe('pauses', () => {
  it('grow threefold from 15 s to six hours, and no two are alike', () => {
    const pauses = Array.from({ length: 9 }, (_, i) => pauseAfter(i + 1, 0.5) / second);
    expect(pauses).toEqual([15, 45, 135, 405, 1215, 3645, 10935, 21600, 21600]);
    expect([pauseAfter(1, 0), pauseAfter(1, 0.999)]).toEqual([11_250, 18_743]);
  });

  it('are at least what the receiver asks for', () => {
    expect([pauseAfter(1, 0.5, 120_000), pauseAfter(5, 0.5, 120_000)]).toEqual([120_000, 1_215_000]);
  });
});

it('a message that is recorded twice is sent once, as it was recorded first', async () => {
  const outbox = new Outbox(store, clock);
  const one = delivery();
  await outbox.add(one, '{"first":true}');
  await outbox.add(one, '{"first":false}');
  expect((await outbox.waiting()).filter(({ id }) => id === one.id)).toHaveLength(1);
  expect(await outbox.payload(one.id)).toBe('{"first":true}');
});
