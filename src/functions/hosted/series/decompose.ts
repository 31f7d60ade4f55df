import { type HostedValue, Json } from '../../entry.js';
import { fitLine, mean, median } from './numbers.js';
import { outlierScores, tukey } from './outliers.js';
import { detectPeriods } from './periods.js';
import { bag, known, numberOr, parts, reals, type Series, seriesFunction, wholes } from './values.js';

interface Model {
  readonly baseline: readonly number[];
  readonly seasonal: readonly number[];
  readonly trend: readonly number[];
  readonly residual: Series;
}

/** The median of the points of each phase, over the length of the series. */
function seasonalOf(learned: Series, period: number, length: number): number[] {
  // A period longer than the series has a phase for each point; it may be any number.
  const phaseCount = Math.min(period, Math.max(length, learned.length));
  const points = Array.from({ length: phaseCount }, (): number[] => []);
  learned.forEach((x, i) => {
    if (known(x)) points[i % phaseCount]!.push(x);
  });
  const phases = points.map((values) => (values.length > 0 ? median(values) : 0));
  return Array.from({ length }, (_, i) => phases[i % phaseCount]!);
}

/** The period in bins; 0 for none. */
function periodOf(learned: Series, seasonality: number, threshold: number): number {
  if (seasonality >= 0) return Math.trunc(seasonality);
  const best = detectPeriods(learned, 0, Infinity)[0];
  return best && best.score >= threshold ? best.length : 0;
}

interface Options {
  readonly seasonality: HostedValue | undefined;
  readonly trend: HostedValue | undefined;
  readonly testPoints: HostedValue | undefined;
  readonly threshold: HostedValue | undefined;
}

/** Season first, then the trend of what is left; points at the end that are for testing are not learned from. */
function decompose(series: Series, options: Options): Model {
  const n = series.length;
  const tested = Math.min(Math.max(Math.trunc(numberOr(options.testPoints, 0)), 0), n);
  const learned = series.slice(0, n - tested);
  const period = periodOf(learned, numberOr(options.seasonality, -1), numberOr(options.threshold, 0.6));
  const seasonal = period > 0 ? seasonalOf(learned, period, n) : series.map(() => 0);
  const rest = learned.map((x, i) => (known(x) ? x - seasonal[i]! : null));
  const trend = trendOf(rest, String(options.trend ?? 'avg').toLowerCase(), n);
  const baseline = seasonal.map((s, i) => s + trend[i]!);
  return { baseline, seasonal, trend, residual: series.map((x, i) => (known(x) ? x - baseline[i]! : null)) };
}

function trendOf(rest: Series, kind: string, length: number): number[] {
  const values = rest.filter(known);
  if (values.length === 0 || kind === 'none') return new Array<number>(length).fill(0);
  if (kind !== 'linefit') return new Array<number>(length).fill(mean(values));
  const { slope, interception } = fitLine(rest)!;
  return Array.from({ length }, (_, i) => slope * (i + 1) + interception);
}

const modelParts = parts('baseline:dynamic seasonal:dynamic trend:dynamic residual:dynamic');
const members = (model: Model) =>
  bag({
    baseline: reals(model.baseline),
    seasonal: reals(model.seasonal),
    trend: reals(model.trend),
    residual: reals(model.residual),
  });

const approximate =
  'the steps are those that are documented; whether a weak season is found may differ from Kusto, as its noise test is not published';

export const decomposition = [
  seriesFunction(
    'series_decompose',
    (series, [seasonality, trend, testPoints, threshold]) =>
      members(decompose(series, { seasonality, trend, testPoints, threshold })),
    {
      parts: modelParts,
      approximate,
      examples: [
        // No season in four points, so the baseline is the mean.
        ['series_decompose(dynamic([1,2,3,6]))', [3, 3, 3, 3]],
        ['series_decompose(dynamic([1,2,3,4]), -1, "linefit")', [1, 2, 3, 4]],
        // Medians of the phases, without the last two points: 1, 2 and 9.
        ['series_decompose(dynamic([1,2,9,1,2,9,5,5]), 3, "none", 2)', [1, 2, 9, 1, 2, 9, 1, 2]],
      ],
    },
  ),
  seriesFunction(
    'series_decompose_anomalies',
    (series, [level, seasonality, trend, testPoints, method, threshold]) => {
      const model = decompose(series, { seasonality, trend, testPoints, threshold });
      const scores = outlierScores(model.residual, ...tukey(method));
      const limit = numberOr(level, 1.5);
      return bag({
        ad_flag: wholes(scores.map((s) => (s > limit ? 1 : s < -limit ? -1 : 0))),
        ad_score: reals(scores),
        baseline: reals(model.baseline),
      });
    },
    {
      parts: parts('ad_flag:dynamic ad_score:dynamic baseline:dynamic'),
      approximate: `${approximate}. A series of which most points lie on the baseline scores 0`,
      examples: [
        [
          'series_decompose_anomalies(dynamic([-3, 2.4, 15, 3.9, 5, 6, 4.5, 5.2, 3, 4, 5, 16, 7, 5, 5, 4]), 1.5, 0)',
          [-1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0],
        ],
      ],
    },
  ),
  seriesFunction(
    'series_decompose_forecast',
    (series, [testPoints, seasonality, trend, threshold]) =>
      members(decompose(series, { seasonality, trend, testPoints, threshold })),
    {
      parts: modelParts,
      approximate,
      examples: [['series_decompose_forecast(dynamic([1,2,3,4,0,0]), 2, 0, "linefit")', [1, 2, 3, 4, 5, 6]]],
    },
  ),
  seriesFunction(
    'series_seasonal',
    (series, [given]) => {
      const period = periodOf(series, numberOr(given, -1), 0.7);
      return new Json(reals(period > 0 ? seasonalOf(series, period, series.length) : series.map(() => 0)));
    },
    {
      approximate,
      examples: [
        [
          'series_seasonal(dynamic([8, 12, 14, 12, 10, 10, 12, 14, 12, 10, 10, 12, 14, 12, 10, 10, 12, 14, 12, 10]))',
          [10, 12, 14, 12, 10, 10, 12, 14, 12, 10, 10, 12, 14, 12, 10, 10, 12, 14, 12, 10],
        ],
        ['series_seasonal(dynamic([1, 3, 5, 2, 4, 6, 1, 3, 5, 2, 4, 6]))', [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
        ['series_seasonal(dynamic([1, 3, 5, 1, 3, 5, 2, 4, 6]), 3)', [1, 3, 5, 1, 3, 5, 1, 3, 5]],
        ['series_seasonal(dynamic([1, 3, 5]), 9223372036854775807)', [1, 3, 5]],
      ],
    },
  ),
];
