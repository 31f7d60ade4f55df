import { type Clock, fail } from '../../base/index.js';
import { isoTime, newestRows } from '../../detect/index.js';
import { joinSql, name, sql, text } from '../../sql/index.js';
import type { Store } from '../../store/index.js';
import { type Row, tableSchema } from '../../tables/index.js';

/**
 * Messages on their way. One is written here before it is sent, and every step is a newer row, so that whatever happens to the
 * process, a message is sent at least once or lies among the dead letters. The text of the message is in the first row only.
 */
export const deliverySchema = tableSchema('VedetteDelivery_CL', [
  { name: 'DeliveryId', type: 'string' },
  { name: 'Version', type: 'long' },
  { name: 'Status', type: 'string' },
  { name: 'Attempts', type: 'long' },
  { name: 'NextAttempt', type: 'datetime' },
  { name: 'LastStatus', type: 'long' },
  { name: 'Reason', type: 'string' },
  { name: 'Claimant', type: 'string' },
  { name: 'RuleId', type: 'string' },
  { name: 'RuleName', type: 'string' },
  { name: 'ActionOrder', type: 'long' },
  { name: 'EventType', type: 'string' },
  { name: 'IncidentNumber', type: 'long' },
  { name: 'Destination', type: 'string' },
  { name: 'Created', type: 'datetime' },
  { name: 'Payload', type: 'string' },
]);

export type DeliveryStatus = 'Pending' | 'Sending' | 'Delivered' | 'DeadLetter' | 'Dropped';

export interface Delivery {
  /** Stays the same however often the message is sent. */
  readonly id: string;
  /** Counts the rows of the delivery. */
  readonly version: number;
  readonly status: DeliveryStatus;
  readonly attempts: number;
  /** When it is due; of one that is being sent, when its sender counts as gone. Milliseconds since the epoch. */
  readonly nextAttempt: number;
  readonly lastStatus: number | undefined;
  readonly reason: string;
  readonly claimant: string;
  readonly ruleId: string;
  readonly ruleName: string;
  readonly actionOrder: number;
  readonly eventType: string;
  readonly incidentNumber: number | undefined;
  /** Scheme and host; never the rest of the address, which can be a key. */
  readonly destination: string;
  readonly created: number;
}

export type NewDelivery = Pick<
  Delivery,
  'id' | 'ruleId' | 'ruleName' | 'actionOrder' | 'eventType' | 'incidentNumber' | 'destination'
>;

export class Outbox {
  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
  ) {}

  /** Records a message, due at once; one that is recorded already is left as it is. */
  async add(delivery: NewDelivery, payload: string): Promise<void> {
    if (await this.find(delivery.id)) return;
    const now = this.clock.now();
    const first: Delivery = {
      ...delivery,
      ...{ version: 1, status: 'Pending', attempts: 0, nextAttempt: now, lastStatus: undefined },
      ...{ reason: '', claimant: '', created: now },
    };
    await this.append(first, payload);
  }

  /** What is on its way, the one that is due first at the start. */
  async waiting(): Promise<Delivery[]> {
    return (await this.read(undefined, ['Pending', 'Sending'])).sort((a, b) => a.nextAttempt - b.nextAttempt);
  }

  /**
   * Takes a delivery for one attempt; another process that takes it at the same time gets undefined. Who does not settle it
   * within the lease counts as gone, and the message is sent again.
   */
  async claim(delivery: Delivery, claimant: string, leaseMs: number): Promise<Delivery | undefined> {
    const claimed: Delivery = {
      ...delivery,
      ...{ version: delivery.version + 1, status: 'Sending', attempts: delivery.attempts + 1, claimant },
      nextAttempt: this.clock.now() + leaseMs,
    };
    await this.append(claimed);
    const now = await this.find(delivery.id);
    return now?.claimant === claimant && now.version === claimed.version ? claimed : undefined;
  }

  async settle(
    delivery: Delivery,
    change: Pick<Delivery, 'status' | 'reason'> & Partial<Pick<Delivery, 'nextAttempt' | 'lastStatus' | 'attempts'>>,
  ): Promise<Delivery> {
    const settled: Delivery = { ...delivery, ...change, version: delivery.version + 1, claimant: '' };
    await this.append(settled);
    return settled;
  }

  async payload(id: string): Promise<string> {
    const answer = await this.store.query(
      sql`SELECT Payload FROM VedetteDelivery_CL WHERE DeliveryId = ${text(id)} AND Version = 1 LIMIT 1`.text,
    );
    return String(answer.rows[0]?.[0] ?? '');
  }

  /** Messages that were given up, the oldest first. */
  async deadLetters(): Promise<Delivery[]> {
    return (await this.read(undefined, ['DeadLetter'])).sort((a, b) => a.created - b.created);
  }

  /** Sends a dead letter again, with all attempts before it. Errors AUT7004. */
  async retry(id: string): Promise<Delivery> {
    const delivery = await this.dead(id);
    return this.settle(delivery, { status: 'Pending', reason: '', attempts: 0, nextAttempt: this.clock.now() });
  }

  /** Gives a dead letter up for good; its rows stay. Errors AUT7004. */
  async drop(id: string): Promise<Delivery> {
    return this.settle(await this.dead(id), { status: 'Dropped', reason: 'dropped by hand' });
  }

  private async dead(id: string): Promise<Delivery> {
    const delivery = await this.find(id);
    if (delivery?.status === 'DeadLetter') return delivery;
    return fail('AUT7004', `there is no dead letter ${id}`, { hint: 'vedette automation deadletter list' });
  }

  private async find(id: string): Promise<Delivery | undefined> {
    return (await this.read(id))[0];
  }

  private async read(id: string | undefined, statuses?: readonly DeliveryStatus[]): Promise<Delivery[]> {
    const rows = await newestRows(this.store, deliverySchema, {
      where: id === undefined ? unended : sql`DeliveryId = ${text(id)}`,
      key: 'DeliveryId',
      newestBy: 'Version',
      columns: deliverySchema.columns.filter((column) => column.name !== 'Payload' && !column.hidden),
      having: statuses && sql`Status IN (${joinSql(statuses.map(text), ', ')})`,
    });
    return rows.map(deliveryOf);
  }

  private async append(delivery: Delivery, payload = ''): Promise<void> {
    await this.store.ensureTable(deliverySchema);
    const now = this.clock.now();
    const row: Row = {
      TimeGenerated: isoTime(now),
      DeliveryId: delivery.id,
      Version: delivery.version,
      Status: delivery.status,
      Attempts: delivery.attempts,
      NextAttempt: isoTime(delivery.nextAttempt),
      LastStatus: delivery.lastStatus ?? null,
      Reason: delivery.reason,
      Claimant: delivery.claimant,
      RuleId: delivery.ruleId,
      RuleName: delivery.ruleName,
      ActionOrder: delivery.actionOrder,
      EventType: delivery.eventType,
      IncidentNumber: delivery.incidentNumber ?? null,
      Destination: delivery.destination,
      Created: isoTime(delivery.created),
      Payload: payload,
    };
    // Of two processes that write the next row of a delivery, one is heard; both read what holds afterwards.
    const token = `delivery ${delivery.id} ${delivery.version}`;
    await this.store.insert(deliverySchema.name, [row], { token, receivedAt: now });
  }
}

/** Nearly all messages have arrived, and nothing comes after that. */
const unended = sql`DeliveryId NOT IN (SELECT DeliveryId FROM ${name(deliverySchema.name)} WHERE Status IN ('Delivered', 'Dropped'))`;

const deliveryOf = (row: Row): Delivery => {
  const number = (column: string) => (row[column] === null ? undefined : Number(row[column]));
  return {
    id: String(row.DeliveryId),
    version: Number(row.Version),
    status: String(row.Status) as DeliveryStatus,
    attempts: Number(row.Attempts),
    nextAttempt: Date.parse(String(row.NextAttempt)),
    lastStatus: number('LastStatus'),
    reason: String(row.Reason),
    claimant: String(row.Claimant),
    ruleId: String(row.RuleId),
    ruleName: String(row.RuleName),
    actionOrder: Number(row.ActionOrder),
    eventType: String(row.EventType),
    incidentNumber: number('IncidentNumber'),
    destination: String(row.Destination),
    created: Date.parse(String(row.Created)),
  };
};
