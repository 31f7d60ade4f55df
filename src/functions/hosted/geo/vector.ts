import { atan2, cos, sin } from './precise.js';

/**
 * Points of the sphere as unit vectors. Kusto measures on a sphere of 6,371,010 m: its documented distance of
 * (-122.407628, 47.578557) and (-118.275287, 34.019056), 1546754.35197381, divided by their angle is 6371010.000000002.
 */
export const earthRadius = 6371010;

export type Point = readonly [x: number, y: number, z: number];
export type Position = readonly [longitude: number, latitude: number];

const toRadians = Math.PI / 180;
const toDegrees = 180 / Math.PI;

export function pointOf([lng, lat]: Position): Point {
  const phi = toRadians * lat;
  const theta = toRadians * lng;
  const c = cos(phi);
  return [cos(theta) * c, sin(theta) * c, sin(phi)];
}

export const positionOf = ([x, y, z]: Point): Position => [
  toDegrees * atan2(y, x),
  toDegrees * atan2(z, Math.sqrt(x * x + y * y)),
];

export const dot = (a: Point, b: Point): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
export const cross = (a: Point, b: Point): Point => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
export const plus = (a: Point, b: Point): Point => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
export const minus = (a: Point, b: Point): Point => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
export const times = (a: Point, k: number): Point => [a[0] * k, a[1] * k, a[2] * k];
export const norm = (a: Point): number => Math.sqrt(dot(a, a));
export const unit = (a: Point): Point => times(a, 1 / norm(a));
export const same = (a: Point, b: Point): boolean => a[0] === b[0] && a[1] === b[1] && a[2] === b[2];

/** A vector across a and b that stays precise when they are near each other: (a + b) x (b - a) = 2 a x b. */
export const normal = (a: Point, b: Point): Point => cross(plus(a, b), minus(b, a));

/** The angle between two points in radians. */
export const angle = (a: Point, b: Point): number => Math.atan2(norm(cross(a, b)), dot(a, b));

/** Positive when c lies to the left of the edge from a to b. Precise for points near each other. */
export const side = (a: Point, b: Point, c: Point): number => dot(a, cross(minus(b, a), minus(c, a)));

/** The point of an edge at a share of its length. */
export function interpolate(a: Point, b: Point, share: number): Point {
  if (share <= 0) return a;
  if (share >= 1) return b;
  const at = angle(a, b) * share;
  const across = unit(cross(normal(a, b), a));
  return unit(plus(times(a, Math.cos(at)), times(across, Math.sin(at))));
}

/** The point of the edge from a to b that is closest to p. */
export function closest(p: Point, a: Point, b: Point): Point {
  const n = unit(normal(a, b));
  const foot = minus(p, times(n, dot(p, n)));
  if (dot(cross(n, a), foot) > 0 && dot(cross(b, n), foot) > 0) return unit(foot);
  return angle(p, a) <= angle(p, b) ? a : b;
}

/** Where two edges cross in their insides, if they do. */
export function crossing(a: Point, b: Point, c: Point, d: Point): Point | undefined {
  const abc = side(a, b, c);
  const abd = side(a, b, d);
  if (abc * abd >= 0) return undefined;
  const cda = side(c, d, a);
  const cdb = side(c, d, b);
  if (cda * cdb >= 0) return undefined;
  const x = cross(normal(a, b), normal(c, d));
  const length = norm(x);
  if (length === 0) return undefined;
  const at = times(x, 1 / length);
  const middle = plus(plus(a, b), plus(c, d));
  const here = dot(at, middle) < 0 ? times(at, -1) : at;
  // Edges longer than a quarter of the sphere can be separated by these signs and yet lie on opposite sides of it.
  return dot(here, plus(a, b)) > 0 && dot(here, plus(c, d)) > 0 ? here : undefined;
}
