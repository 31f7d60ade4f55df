import { isSame, RangeCache } from './range-cache.js';
import { parseSyslog, type SyslogContext } from './syslog.js';

/** What a syslog header says that stands in front of a message of another format. */
export interface SyslogPrefix {
  /** Header time as ISO UTC. */
  time: string | undefined;
  readonly host: Buffer;
  readonly relay: Buffer;
}

/** `Mar  4 09:12:31` */
const stampBytes = 15;

const isDigit = (byte: number) => byte >= 48 && byte <= 57;

/** Reads syslog headers as `parseSyslog` does, but remembers them: times and senders repeat from record to record. */
export class SyslogPrefixes {
  readonly #whole = new RangeCache<SyslogPrefix>(256);
  /** What follows a time such as `Mar  4 09:12:31`; undefined when it changes what the time means. */
  readonly #origins = new RangeCache<SyslogPrefix | undefined>(1024);
  readonly #stamp = Buffer.alloc(stampBytes);
  #stampTime: string | undefined;

  constructor(private readonly context: SyslogContext) {}

  /** The header [from, to) of `block`. The result is good until the next call. */
  read(block: Buffer, from: number, to: number): SyslogPrefix {
    const stamp = stampAt(block, from, to);
    if (stamp !== -1) {
      const origin = this.#origins.get(block, stamp + stampBytes, to, (text) => this.#readOrigin(text));
      const time = origin && this.#stampedTime(block, stamp);
      if (origin && time !== undefined) {
        origin.time = time;
        return origin;
      }
    }
    return this.#whole.get(block, from, to, (text) => this.#readPrefix(text));
  }

  #readPrefix(text: string): SyslogPrefix {
    const { time, host, relay } = parseSyslog(text, this.context);
    return { time, host: Buffer.from(host), relay: Buffer.from(relay) };
  }

  /** What follows a time must leave any time as it is: it holds no year, no zone and no second header. */
  #readOrigin(text: string): SyslogPrefix | undefined {
    const isApart = ['Jan  1 01:01:01', 'Feb  2 02:02:02'].every(
      (stamp) => parseSyslog(stamp + text, this.context).time === this.#timeOf(stamp),
    );
    if (!isApart || /^ \d{4} /.test(text)) return undefined;
    return this.#readPrefix(`Jan  1 01:01:01${text}`);
  }

  /** Times repeat from record to record, whoever sends it. */
  #stampedTime(block: Buffer, from: number): string | undefined {
    if (!isSame(this.#stamp, block, from, from + stampBytes)) {
      block.copy(this.#stamp, 0, from, from + stampBytes);
      this.#stampTime = this.#timeOf(this.#stamp.toString('latin1'));
    }
    return this.#stampTime;
  }

  #timeOf(stamp: string): string | undefined {
    return parseSyslog(`${stamp} h `, this.context).time;
  }
}

/** Where a BSD time begins that stands first or behind a PRI; -1 when none does. */
function stampAt(block: Buffer, from: number, to: number): number {
  let at = from;
  if (block[at] === 60) {
    let priority = 0;
    for (at++; at < from + 4 && isDigit(block[at]!); at++) priority = priority * 10 + block[at]! - 48;
    if (at === from + 1 || priority > 191 || block[at++] !== 62) return -1;
  }
  const isStamp =
    at + stampBytes < to &&
    block[at]! >= 65 &&
    block[at]! <= 90 &&
    block[at + 9] === 58 &&
    block[at + 12] === 58 &&
    block[at + stampBytes] === 32;
  return isStamp ? at : -1;
}
