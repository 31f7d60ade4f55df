import { known, type Series } from './values.js';

export const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);
export const mean = (list: readonly number[]): number => sum(list) / list.length;

/** The sample variance; of one value zero. */
export function variance(list: readonly number[]): number {
  if (list.length < 2) return 0;
  const m = mean(list);
  return sum(list.map((x) => (x - m) ** 2)) / (list.length - 1);
}

/** Interpolates between the two nearest ranks. */
export function quantile(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share;
  const low = Math.floor(at);
  const rest = at - low;
  return rest === 0 ? sorted[low]! : sorted[low]! + (sorted[low + 1]! - sorted[low]!) * rest;
}

export function median(list: readonly number[]): number {
  return quantile(
    [...list].sort((a, b) => a - b),
    0.5,
  );
}

export interface Fit {
  readonly rsquare: number;
  readonly variance: number;
  readonly rvariance: number;
  readonly fitted: readonly number[];
}

export interface Line extends Fit {
  readonly slope: number;
  readonly interception: number;
}

/** How well fitted values follow a series; missing points do not count. */
export function quality(series: Series, fitted: readonly number[]): Fit {
  const values = series.filter(known);
  const m = mean(values);
  const total = sum(values.map((y) => (y - m) ** 2));
  const residual = sum(series.map((y, i) => (known(y) ? (y - fitted[i]!) ** 2 : 0)));
  const degrees = Math.max(values.length - 1, 1);
  return {
    rsquare: total === 0 ? Number(residual === 0) : 1 - residual / total,
    variance: total / degrees,
    rvariance: residual / degrees,
    fitted,
  };
}

/** The least squares line over x = 1, 2, …; undefined without a value. */
export function fitLine(series: Series): Line | undefined {
  const xs: number[] = [];
  const ys: number[] = [];
  series.forEach((y, i) => {
    if (!known(y)) return;
    xs.push(i + 1);
    ys.push(y);
  });
  if (ys.length === 0) return undefined;
  const mx = mean(xs);
  const my = mean(ys);
  const sxx = sum(xs.map((x) => (x - mx) ** 2));
  const slope = sxx === 0 ? 0 : sum(xs.map((x, i) => (x - mx) * (ys[i]! - my))) / sxx;
  const interception = my - slope * mx;
  const fitted = series.map((_, i) => slope * (i + 1) + interception);
  return { ...quality(series, fitted), slope, interception };
}

/** Coefficients from the highest power down, by Householder reflections; undefined when the points are too few. */
export function fitPolynomial(ys: readonly number[], xs: readonly number[], degree: number): number[] | undefined {
  const width = degree + 1;
  if (ys.length < width) return undefined;
  // Columns scaled to the range of x keep high powers from drowning low ones.
  const scale = xs.reduce((most, x) => Math.max(most, Math.abs(x)), 0) || 1;
  const rows = xs.map((x, i) => [...Array.from({ length: width }, (_, j) => (x / scale) ** (degree - j)), ys[i]!]);
  for (let c = 0; c < width; c++) {
    const norm = Math.sqrt(sum(rows.slice(c).map((r) => r[c]! ** 2)));
    if (norm < 1e-14) return undefined;
    const alpha = rows[c]![c]! > 0 ? -norm : norm;
    const v = rows.map((r, i) => (i < c ? 0 : i === c ? r[c]! - alpha : r[c]!));
    const square = sum(v.map((x) => x * x));
    if (square === 0) continue;
    for (let j = c; j <= width; j++) {
      const dot = (2 * sum(rows.map((r, i) => v[i]! * r[j]!))) / square;
      for (let i = c; i < rows.length; i++) rows[i]![j]! -= dot * v[i]!;
    }
  }
  const scaled = new Array<number>(width).fill(0);
  for (let c = width - 1; c >= 0; c--) {
    let rest = rows[c]![width]!;
    for (let j = c + 1; j < width; j++) rest -= rows[c]![j]! * scaled[j]!;
    scaled[c] = rest / rows[c]![c]!;
  }
  return scaled.map((a, j) => a / scale ** (degree - j));
}

export const polynomialAt = (coefficients: readonly number[], x: number): number =>
  coefficients.reduce((value, a) => value * x + a, 0);
