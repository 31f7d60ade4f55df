import { randomUUID } from 'node:crypto';
import type { Clock } from '../../base/index.js';
import type { WebhookAction } from '../../content/index.js';
import type { Store } from '../../store/index.js';
import { recordDelivery } from '../health.js';
import { type Delivery, Outbox } from './outbox.js';
import { pauseAfter, retries } from './retries.js';
import { type Outcome, type SendSetting, send, webhookLimits } from './send.js';

export interface CourierOptions extends Omit<SendSetting, 'clock' | 'signal'> {
  readonly store: Store;
  readonly clock: Clock;
  /** The webhook that a delivery is for, as its rule has it now; undefined when there is none any more. */
  readonly webhook: (ruleId: string, actionOrder: number) => WebhookAction | undefined;
  readonly random?: (() => number) | undefined;
  readonly attempts?: number | undefined;
}

/** Sends what is due in the outbox. Any number may work on the same one, in one process or more. */
export class Courier {
  readonly outbox: Outbox;
  private readonly name = randomUUID();

  constructor(private readonly options: CourierOptions) {
    this.outbox = new Outbox(options.store, options.clock);
  }

  /** One attempt at every message that is due. Gives what was tried as it is now, and when the next one is due. */
  async deliver(signal?: AbortSignal): Promise<{ tried: Delivery[]; nextAt: number | undefined }> {
    const waiting = await this.outbox.waiting();
    const now = this.options.clock.now();
    const due = waiting.filter((delivery) => delivery.nextAttempt <= now);
    const tried: Delivery[] = [];
    const work = async () => {
      for (let next = due.shift(); next && !signal?.aborted; next = due.shift()) {
        const after = await this.attempt(next, signal);
        if (after) tried.push(after);
      }
    };
    await Promise.all(Array.from({ length: retries.lanes }, work));
    const isOpen = ({ status, nextAttempt }: Delivery) =>
      (status === 'Pending' || status === 'Sending') && nextAttempt > now;
    const later = [...waiting, ...tried].filter(isOpen).map((delivery) => delivery.nextAttempt);
    return { tried, nextAt: later.length === 0 ? undefined : Math.min(...later) };
  }

  private async attempt(delivery: Delivery, signal: AbortSignal | undefined): Promise<Delivery | undefined> {
    const { options, outbox } = this;
    const most = options.attempts ?? retries.attempts;
    const leaseMs = (options.deadlineMs ?? webhookLimits.deadlineMs) + retries.leaseMarginMs;
    if (delivery.attempts >= most) {
      // Its sender ended during the last attempt.
      const reason = delivery.reason || 'AUT7003 the last attempt did not end';
      return this.ended(await outbox.settle(delivery, { status: 'DeadLetter', reason }));
    }
    const claimed = await outbox.claim(delivery, this.name, leaseMs);
    if (!claimed) return undefined;
    const webhook = options.webhook(claimed.ruleId, claimed.actionOrder);
    const outcome: Outcome = webhook
      ? await send(
          webhook,
          {
            ...{ id: claimed.id, type: claimed.eventType, attempt: claimed.attempts },
            body: await outbox.payload(claimed.id),
          },
          { ...options, signal },
        )
      : { kind: 'refused', reason: 'AUT7004 the rule or its webhook is gone' };
    // Whether it arrived is not known; the lease runs out and it is sent again.
    if (signal?.aborted && outcome.kind === 'failed') return undefined;
    if (outcome.kind === 'delivered') {
      return this.ended(await outbox.settle(claimed, { status: 'Delivered', reason: '', lastStatus: outcome.status }));
    }
    const { reason, status: lastStatus } = outcome;
    if (outcome.kind === 'refused' || claimed.attempts >= most) {
      return this.ended(await outbox.settle(claimed, { status: 'DeadLetter', reason, lastStatus }));
    }
    const random = (options.random ?? Math.random)();
    const pause = pauseAfter(claimed.attempts, random, outcome.retryAfterMs);
    const nextAttempt = options.clock.now() + pause;
    return outbox.settle(claimed, { status: 'Pending', reason, lastStatus, nextAttempt });
  }

  private async ended(delivery: Delivery): Promise<Delivery> {
    await recordDelivery(this.options.store, delivery, this.options.clock.now());
    return delivery;
  }
}
