import { Json } from '../../entry.js';
import { quantile } from './numbers.js';
import { known, numberOr, reals, type Series, seriesFunction } from './values.js';

/** Standard normal quantiles as Kusto's scale has them: 0.675 at 75%, and this at 90%. */
const quartile = 0.675;
const tenth = 1.29682082;

/** Quantile of the standard normal distribution (Acklam's rational approximation, error below 1.2e-9). */
export function normalQuantile(p: number): number {
  const ratio = (x: number, above: readonly number[], below: readonly number[]) =>
    above.reduce((v, c) => v * x + c, 0) / (below.reduce((v, c) => v * x + c, 0) * x + 1);
  const tail = (q: number) =>
    ratio(
      Math.sqrt(-2 * Math.log(q)),
      [
        -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734, 4.374664141464968,
        2.938163982698783,
      ],
      [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416],
    );
  if (p < 0.02425) return tail(p);
  if (p > 1 - 0.02425) return -tail(1 - p);
  const q = p - 0.5;
  return (
    q *
    ratio(
      q * q,
      [
        -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2, -3.066479806614716e1,
        2.506628277459239,
      ],
      [-5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1],
    )
  );
}

const normal = (percent: number): number =>
  percent === 90
    ? tenth
    : percent === 10
      ? -tenth
      : percent === 75
        ? quartile
        : percent === 25
          ? -quartile
          : normalQuantile(percent / 100);

/** Makes a score of 1.5 stand where Tukey's own test has it, were the values distributed normally. */
function scales(low: number, high: number): { readonly up: number; readonly down: number } {
  const [zl, zh] = [normal(low), normal(high)];
  const fence = 4 * quartile;
  return { up: (1.5 * (zh - zl)) / (fence - zh), down: (1.5 * (zh - zl)) / (fence + zl) };
}

/** Scores by the distance outside of the range between two percentiles. A range of no width scores nothing. */
export function outlierScores(series: Series, low: number, high: number, isIgnored = (_: number) => false): number[] {
  const counts = (x: number | null): x is number => known(x) && !isIgnored(x);
  const sorted = series.filter(counts).sort((a, b) => a - b);
  if (sorted.length === 0) return series.map(() => 0);
  const [from, to] = [quantile(sorted, low / 100), quantile(sorted, high / 100)];
  // Rounding may leave a width where the values are one and the same.
  const range = to - from <= 1e-12 * Math.max(Math.abs(to), Math.abs(from)) ? 0 : to - from;
  const { up, down } = scales(low, high);
  return series.map((x) => {
    if (!counts(x) || range === 0) return 0;
    return x > to ? ((x - to) / range) * up : x < from ? ((x - from) / range) * down : 0;
  });
}

export const tukey = (kind: unknown): readonly [low: number, high: number] =>
  String(kind).toLowerCase() === 'tukey' ? [25, 75] : [10, 90];

const sample = 'dynamic([-3, 2.4, 15, 3.9, 5, 6, 4.5, 5.2, 3, 4, 5, 16, 7, 5, 5, 4])';

export const outlierFunctions = [
  seriesFunction(
    'series_outliers',
    (series, [kind, ignored, least, most]) => {
      const custom = String(kind).toLowerCase() !== 'tukey';
      const [low, high] = tukey(kind);
      const within = (x: number) => x >= 2 && x <= 98;
      const [from, to] = custom ? [numberOr(least, low), numberOr(most, high)] : [low, high];
      if (!within(from) || !within(to) || from >= to) return null;
      const missing = numberOr(ignored, Number.NaN);
      return new Json(reals(outlierScores(series, from, to, (x) => x === missing)));
    },
    {
      approximate:
        'exact for the percentiles 10, 25, 75 and 90; for others the scale may differ by some percent, as Kusto estimates normal quantiles. A series whose percentiles coincide scores 0',
      examples: [
        [
          `tostring(series_outliers(${sample}))`,
          '[-1.904078548360857,-0.10021466044004519,1.3361954725339347,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,1.6702443406674186,0.0,0.0,0.0,0.0]',
        ],
        ['series_outliers(dynamic([1,1,1,1,null,9]), "tukey")', [0, 0, 0, 0, 0, 0]],
      ],
    },
  ),
];
