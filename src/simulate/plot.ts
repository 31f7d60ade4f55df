import { type Person, people } from './cast.js';
import { Random } from './random.js';
import { hour, minute, second } from './time.js';
import type { Variant } from './variants.js';

/** One network session, told by a connector in its own words. Times are milliseconds since the epoch. */
export interface Session {
  readonly start: number;
  readonly end: number;
  /** Who sits at the private end. */
  readonly person: Person;
  readonly direction: 'outbound' | 'inbound' | 'internal';
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
  /** Name of the far end, when it has one. */
  readonly name: string;
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly sentPackets: number;
  readonly receivedPackets: number;
  /** Whether it goes to the address of the phishing site. */
  readonly matches: boolean;
}

/** A page that somebody opened: what proxies and browsers log beside the phishing link. */
export interface Visit {
  readonly time: number;
  readonly person: Person;
  readonly url: string;
  readonly destination: string;
}

/** Everything that happened, before any product has written it down. */
export interface Plot {
  readonly variant: Variant;
  readonly at: number;
  readonly random: Random;
  readonly tenantId: string;
  readonly people: readonly Person[];
  readonly victim: Person;
  /** Recipients of the mail; the victim is the first. */
  readonly recipients: readonly Person[];
  /** Who opened the link. */
  readonly clicker: Person;
  readonly service: string;
  readonly host: string;
  readonly url: string;
  readonly proxyUrl: string;
  readonly destination: string;
  readonly userAgent: string;
  readonly delivered: number;
  readonly clicked: number;
  /** When the proxy logged the request. */
  readonly requested: number;
  readonly alerted: number;
  /** In the order of their ends. */
  readonly sessions: readonly Session[];
  readonly visits: readonly Visit[];
}

const browsers = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 Safari/537.36 Edg/122.0.0.0',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/121.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:123.0) Gecko/20100101 Firefox/123.0',
];
const lures = ['login', 'account-check', 'secure-mail', 'payroll', 'parcel', 'shared-files'];
const pages = ['news', 'intranet', 'travel', 'weather', 'suppliers', 'docs'];

/**
 * Lays out one story.
 *
 * Units   every time lies in [at − 6 h, at − 10 min], but for the browser launch of `click-late`
 */
export function makePlot({ at, seed, variant }: { at: number; seed: number; variant: Variant }): Plot {
  const random = new Random(`phish/${seed}`);
  const cast = people(random.fork('people'));
  const [victim, alsoSent, sentToo, outsider] = cast as [Person, Person, Person, Person];
  const draw = random.fork('facts');

  const host = `${draw.pick(lures)}-${draw.hex(4)}.example.com`;
  const url = `http://${host}/${draw.pick(['x', 'verify', 'signin', 'open'])}/${draw.hex(10)}`;
  const publicAddress = `203.0.113.${draw.int(10, 199)}`;
  const destination = variant === 'private-destination' ? `10.20.30.${draw.int(10, 199)}` : publicAddress;

  const delivered = at - 5 * hour + draw.int(0, 90) * minute + draw.int(0, 59_999);
  const opened = delivered + draw.int(4, 40) * minute + draw.int(0, 59_999);
  const requested = opened + draw.int(1_200, 2_900);
  const clicked = variant === 'click-late' ? at + draw.int(2, 40) * minute + draw.int(0, 59_999) : opened;

  return {
    variant,
    at,
    random,
    tenantId: draw.guid(),
    people: cast,
    victim,
    recipients: [victim, alsoSent, sentToo],
    clicker: variant === 'other-sid' ? outsider : victim,
    service: variant === 'other-service' ? 'Microsoft Defender for Endpoint' : 'Microsoft Defender for Office 365',
    host,
    url,
    proxyUrl: variant === 'url-slash' ? `${url}/` : url,
    destination,
    userAgent: draw.pick(browsers),
    delivered,
    clicked,
    requested,
    alerted: requested + draw.int(20, 70) * minute,
    sessions: [
      ...(variant === 'no-session' ? [] : matching(random.fork('sessions'), victim, host, destination, requested)),
      ...background(random.fork('background'), cast, requested, publicAddress),
    ].sort((a, b) => a.end - b.end),
    visits: visits(random.fork('visits'), cast, requested),
  };
}

function session(
  draw: Random,
  facts: Pick<Session, 'start' | 'person' | 'direction' | 'destination' | 'destinationPort' | 'name' | 'matches'> & {
    source?: string;
  },
): Session {
  const sentPackets = draw.int(6, 40);
  const receivedPackets = draw.int(6, 60);
  return {
    source: facts.person.address,
    ...facts,
    end: facts.start + draw.int(1, 50) * second + draw.int(0, 999),
    sourcePort: draw.int(49_152, 65_535),
    sentPackets,
    receivedPackets,
    sentBytes: sentPackets * draw.int(60, 240),
    receivedBytes: receivedPackets * draw.int(200, 1_200),
  };
}

/** Two to four sessions to the site: a page, its parts, and the form that is sent back. */
function matching(draw: Random, person: Person, name: string, destination: string, requested: number): Session[] {
  const direction = destination.startsWith('10.') ? 'internal' : 'outbound';
  const facts = { person, direction, destination, destinationPort: 80, name, matches: true } as const;
  return Array.from({ length: draw.int(2, 4) }, (_, i) =>
    session(draw, { ...facts, start: requested + i * 40 * second + draw.int(100, 30_000) }),
  );
}

/** What goes on meanwhile; nothing of it has the address of the site as its destination. */
function background(draw: Random, cast: readonly Person[], around: number, site: string): Session[] {
  const sometime = () => around + draw.int(-50 * minute, 50 * minute);
  const web = Array.from({ length: draw.int(6, 9) }, () =>
    session(draw, {
      start: sometime(),
      person: draw.pick(cast),
      direction: 'outbound',
      destination: `198.51.100.${draw.int(2, 250)}`,
      destinationPort: draw.pick([80, 443, 443]),
      name: `${draw.pick(pages)}.example.com`,
      matches: false,
    }),
  );
  const internal = Array.from({ length: draw.int(4, 6) }, () =>
    session(draw, {
      start: sometime(),
      person: draw.pick(cast),
      direction: 'internal',
      destination: `10.1.0.${draw.int(2, 9)}`,
      destinationPort: draw.pick([53, 88, 389, 445]),
      name: 'dc1.corp.example.com',
      matches: false,
    }),
  );
  // Scans, one of them from the site itself: there the address is the source, which the rule does not look at.
  const inbound = [site, `192.0.2.${draw.int(2, 250)}`].map((source) => {
    const person = draw.pick(cast);
    return session(draw, {
      start: sometime(),
      person,
      direction: 'inbound',
      source,
      destination: person.address,
      destinationPort: draw.pick([22, 443, 3389]),
      name: '',
      matches: false,
    });
  });
  return [...web, ...internal, ...inbound];
}

function visits(draw: Random, cast: readonly Person[], around: number): Visit[] {
  return Array.from({ length: draw.int(6, 9) }, () => ({
    time: around + draw.int(-50 * minute, 50 * minute),
    person: draw.pick(cast),
    url: `${draw.pick(['http', 'https'])}://${draw.pick(pages)}.example.com/${draw.hex(6)}?id=${draw.int(1, 999)}&lang=en`,
    destination: `198.51.100.${draw.int(2, 250)}`,
  })).sort((a, b) => a.time - b.time);
}
