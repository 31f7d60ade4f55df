import { complexOf, transform } from './fourier.js';
import { mean } from './numbers.js';
import { bag, known, numberOr, parts, reals, type Series, seriesFunction } from './values.js';

/** Shortest period that can be told from noise. */
const shortest = 4;

export interface Period {
  readonly length: number;
  readonly score: number;
}

/** Frequencies that stand out of the series, and how like itself the series is at each shift, on a scale of 0 to 1. */
interface Spectrum {
  readonly power: readonly number[];
  readonly likeness: readonly number[];
}

function spectrum(series: Series): Spectrum | undefined {
  const n = series.length;
  const values = series.filter(known);
  if (values.length === 0 || n < 2 * shortest) return undefined;
  const m = mean(values);
  const { real, imag } = transform(complexOf(series.map((x) => (known(x) ? x - m : 0))));
  const power = Array.from(real, (re, i) => re * re + imag[i]! * imag[i]!);
  const shifted = Array.from(transform(complexOf(power), true).real);
  const most = shifted[0]!;
  const least = shifted.reduce((a, b) => Math.min(a, b));
  // What rounding leaves of a flat series is no pattern.
  if (!(most > 1e-12 * n * n * Math.max(m * m, 1e-300)) || least === most) return undefined;
  return { power, likeness: shifted.map((c) => (c - least) / (most - least)) };
}

/** Whether the series is liker itself at this shift than at those beside it. */
const isHill = (likeness: readonly number[], shift: number): boolean =>
  likeness[shift]! >= likeness[shift - 1]! && likeness[shift]! > likeness[shift + 1]!;

/**
 * Peaks of the periodogram above its mean, each with the shifts that its width allows; the period is the highest hill of
 * the circular autocorrelation among them.
 */
function* peaks({ power }: Spectrum): Generator<readonly [from: number, to: number]> {
  const n = power.length;
  const half = Math.floor(n / 2);
  const level = mean(power.slice(1, half + 1));
  for (let k = 2; k <= n / shortest; k++) {
    if (power[k]! < level || power[k]! < power[k - 1]! || power[k]! < (power[k + 1] ?? 0)) continue;
    yield [Math.max(shortest, Math.ceil(n / (k + 0.5))), Math.min(Math.floor(n / (k - 0.5)), Math.ceil(n / 2) - 1)];
  }
}

/** Periods by falling score. */
export function detectPeriods(series: Series, least: number, most: number): Period[] {
  const found = spectrum(series);
  if (!found) return [];
  const { likeness } = found;
  const best = new Map<number, number>();
  for (const [from, to] of peaks(found)) {
    let top: number | undefined;
    for (let p = from; p <= to; p++)
      if (p >= least && p <= most && isHill(likeness, p) && (top === undefined || likeness[p]! > likeness[top]!))
        top = p;
    if (top !== undefined) best.set(top, likeness[top]!);
  }
  return [...best].map(([length, score]) => ({ length, score })).sort((a, b) => b.score - a.score);
}

/** The score of a period that is given; zero when the series does not have it. */
function validated(series: Series, period: number): number {
  const found = spectrum(series);
  const shift = Math.round(period);
  if (!found || !(period >= shortest && period <= series.length / 2) || !isHill(found.likeness, shift)) return 0;
  return [...peaks(found)].some(([from, to]) => shift >= from && shift <= to) ? found.likeness[shift]! : 0;
}

const approximate =
  'the score is that of Kusto; which frequencies stand out of noise is not published: taken are peaks of the periodogram above its mean, so a weak period may be found by one and not by the other';

const traffic =
  'dynamic([80, 139, 87, 110, 68, 54, 50, 51, 53, 133, 86, 141, 97, 156, 94, 149, 95, 140, 77, 61, 50, 54, 47, 133, 72, 152, 94, 148, 105, 162, 101, 160, 87, 63, 53, 55, 54, 151, 103, 189, 108, 183, 113, 175, 113, 178, 90, 71, 62, 62, 65, 165, 109, 181, 115, 182, 121, 178, 114, 170])';

export const periodFunctions = [
  seriesFunction(
    'series_periods_detect',
    (series, [least, most, count]) => {
      const found = detectPeriods(series, numberOr(least, 0), numberOr(most, Infinity));
      const wanted = Math.min(Math.max(0, numberOr(count, 0)), series.length);
      const padded = Array.from({ length: wanted }, (_, i) => found[i] ?? { length: 0, score: 0 });
      return bag({ periods: reals(padded.map((p) => p.length)), scores: reals(padded.map((p) => p.score)) });
    },
    {
      parts: parts('periods:dynamic scores:dynamic'),
      approximate,
      trap: 'Where fewer periods are found than asked for, zeros follow.',
      examples: [[`series_periods_detect(${traffic}, 0.0, 50.0, 2)`, [14, 0]]],
    },
  ),
  seriesFunction(
    'series_periods_validate',
    (series, periods) => {
      const given = periods.flatMap((p) => (Array.isArray(p) ? p : [p])).map((p) => numberOr(p, 0));
      return bag({ periods: reals(given), scores: reals(given.map((p) => validated(series, p))) });
    },
    {
      parts: parts('periods:dynamic scores:dynamic'),
      approximate,
      examples: [[`series_periods_validate(${traffic}, 14.0, 10.0)`, [14, 10]]],
    },
  ),
];
