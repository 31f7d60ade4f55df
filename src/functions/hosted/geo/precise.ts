/**
 * Sine, cosine and arc tangent rounded to the nearest double. Those of the JavaScript engine may be off by a unit in the last
 * place, and Kusto prints coordinates with all their digits. Numbers here are unevaluated sums of two doubles; the second
 * of a result is left in `low`.
 */
let low = 0;

function add(a: number, al: number, b: number, bl: number): number {
  const s = a + b;
  const t = s - a;
  const e = a - (s - t) + (b - t) + al + bl;
  const high = s + e;
  low = e - (high - s);
  return high;
}

function multiply(a: number, al: number, b: number, bl: number): number {
  const p = a * b;
  const ca = 134217729 * a;
  const ah = ca - (ca - a);
  const ar = a - ah;
  const cb = 134217729 * b;
  const bh = cb - (cb - b);
  const br = b - bh;
  const e = ah * bh - p + ah * br + ar * bh + ar * br + (a * bl + al * b);
  const high = p + e;
  low = e - (high - p);
  return high;
}

// Reciprocals of factorials whose last digits matter, and those of which a double is enough.
const sineTerms = [
  0.0001984126984126984,
  1.7209558293420705e-22,
  0.008333333333333333,
  1.1564823173178714e-19,
  1 / 6,
  9.25185853854297e-18,
];
const cosineTerms = [0.001388888888888889, -5.300543954373577e-20, 1 / 24, 2.312964634635743e-18, 0.5, 0];
const sineTail = [1 / 362880, 1 / 39916800, 1 / 6227020800, 1 / 1307674368000, 1 / 355687428096000];
const cosineTail = [1 / 40320, 1 / 3628800, 1 / 479001600, 1 / 87178291200, 1 / 20922789888000, 1 / 6402373705728000];

/** 1 - q/a! + q^2/b! ...: the cosine of a root of q, or its sine divided by it. */
function series(q: number, ql: number, terms: readonly number[], tail: readonly number[]): number {
  let h = 0;
  for (let i = tail.length - 1; i >= 0; i--) h = tail[i]! - q * h;
  let l = 0;
  for (let i = 0; i < terms.length; i += 2) {
    h = multiply(h, l, -q, -ql);
    h = add(terms[i]!, terms[i + 1]!, h, low);
    l = low;
  }
  h = multiply(h, l, -q, -ql);
  return add(1, 0, h, low);
}

let [sine, sineLow, cosine, cosineLow] = [0, 0, 0, 0];

function sincos(x: number): void {
  const quarter = Math.round(x / (Math.PI / 2));
  const turned = multiply(Math.PI / 2, 6.123233995736766e-17, -quarter, 0);
  const r = add(x, 0, turned, low);
  const rl = low;
  const q = multiply(r, rl, r, rl);
  const ql = low;
  const c = series(q, ql, cosineTerms, cosineTail);
  const cl = low;
  const ratio = series(q, ql, sineTerms, sineTail);
  const s = multiply(ratio, low, r, rl);
  const sl = low;
  const turn = ((quarter % 4) + 4) % 4;
  [sine, sineLow, cosine, cosineLow] = turn % 2 ? [c, cl, s, sl] : [s, sl, c, cl];
  if (turn === 1 || turn === 2) [cosine, cosineLow] = [-cosine, -cosineLow];
  if (turn >= 2) [sine, sineLow] = [-sine, -sineLow];
}

export function sin(x: number): number {
  sincos(x);
  return sine;
}

export function cos(x: number): number {
  sincos(x);
  return cosine;
}

/** One step of Newton from the engine's answer. */
export function atan2(y: number, x: number): number {
  const about = Math.atan2(y, x);
  if (x === 0 || y === 0) return about;
  sincos(about);
  const a = multiply(y, 0, cosine, cosineLow);
  const al = low;
  const b = multiply(-x, 0, sine, sineLow);
  const off = add(a, al, b, low);
  return about + off / (x * cosine + y * sine);
}
