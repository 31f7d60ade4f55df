import type { Shape } from './shapes.js';

const alphabet = '0123456789bcdefghjkmnpqrstuvwxyz';
const bitsOfLatitude = (length: number) => Math.floor((length * 5) / 2);

/** A geohash as whole numbers of its grid: 18 characters are 90 bits, 45 for each axis, which a double holds. */
interface Cell {
  readonly x: number;
  readonly y: number;
  readonly length: number;
}

function decode(hash: string): Cell | undefined {
  if (hash.length < 1 || hash.length > 18) return undefined;
  let [x, y, even] = [0, 0, true];
  for (const c of hash.toLowerCase()) {
    const value = alphabet.indexOf(c);
    if (value < 0) return undefined;
    for (let bit = 16; bit >= 1; bit /= 2, even = !even) {
      const set = value & bit ? 1 : 0;
      if (even) x = x * 2 + set;
      else y = y * 2 + set;
    }
  }
  return { x, y, length: hash.length };
}

function encode({ x, y, length }: Cell): string {
  let [text, even] = ['', true];
  let xBit = 2 ** (length * 5 - bitsOfLatitude(length) - 1);
  let yBit = 2 ** (bitsOfLatitude(length) - 1);
  const set = (v: number, bit: number) => Math.floor(v / bit) % 2;
  for (let i = 0; i < length; i++) {
    let value = 0;
    for (let b = 0; b < 5; b++, even = !even) {
      value = value * 2 + (even ? set(x, xBit) : set(y, yBit));
      if (even) xBit /= 2;
      else yBit /= 2;
    }
    text += alphabet[value];
  }
  return text;
}

const columns = (length: number) => 2 ** (length * 5 - bitsOfLatitude(length));
const rows = (length: number) => 2 ** bitsOfLatitude(length);

export function geohashOf(lng: number, lat: number, length: number): string {
  const x = Math.min(Math.floor(((lng + 180) / 360) * columns(length)), columns(length) - 1);
  const y = Math.min(Math.floor(((lat + 90) / 180) * rows(length)), rows(length) - 1);
  return encode({ x, y, length });
}

const longitude = (x: number, length: number) => -180 + (360 * x) / columns(length);
const latitude = (y: number, length: number) => -90 + (180 * y) / rows(length);

export function geohashCentre(hash: string): Shape | undefined {
  const c = decode(hash);
  return c && { type: 'Point', coordinates: [longitude(c.x + 0.5, c.length), latitude(c.y + 0.5, c.length)] };
}

export function geohashPolygon(hash: string): Shape | undefined {
  const c = decode(hash);
  if (!c) return undefined;
  const [west, east] = [longitude(c.x, c.length), longitude(c.x + 1, c.length)];
  const [south, north] = [latitude(c.y, c.length), latitude(c.y + 1, c.length)];
  const ring = [west, south, east, south, east, north, west, north, west, south];
  return { type: 'Polygon', coordinates: [[0, 2, 4, 6, 8].map((i) => [ring[i], ring[i + 1]])] };
}

/** Steps to the neighbours, in the order of the Kusto emulator: W, SW, S, SE, NE, E, N, NW. */
const around = [
  [-1, 0],
  [-1, -1],
  [0, -1],
  [1, -1],
  [1, 1],
  [1, 0],
  [0, 1],
  [-1, 1],
] as const;

export function geohashNeighbours(hash: string): string[] | undefined {
  const c = decode(hash);
  if (!c) return undefined;
  const [w, h] = [columns(c.length), rows(c.length)];
  return around
    .map(([dx, dy]) => ({ x: (c.x + dx + w) % w, y: c.y + dy, length: c.length }))
    .filter((n) => n.y >= 0 && n.y < h)
    .map(encode);
}
