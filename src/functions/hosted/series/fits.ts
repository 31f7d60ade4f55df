import { fitLine, fitPolynomial, type Line, mean, polynomialAt, quality, sum, variance } from './numbers.js';
import { bag, known, numberOr, parts, real, reals, type Series, seriesFunction, seriesOf } from './values.js';

function line(series: Series) {
  const fit = fitLine(series);
  if (!fit) return null;
  return bag({
    rsquare: real(fit.rsquare),
    slope: real(fit.slope),
    variance: real(fit.variance),
    rvariance: real(fit.rvariance),
    interception: real(fit.interception),
    line_fit: reals(fit.fitted),
  });
}

/** Sums over the points before each place, from which the error of a line over any stretch follows. */
function errors(series: Series): (from: number, to: number) => number {
  const middle = mean(series.filter(known));
  const sums = [[0, 0, 0, 0, 0, 0]];
  series.forEach((value, x) => {
    const y = known(value) ? value - middle : 0;
    const point = known(value) ? [1, x, y, x * x, x * y, y * y] : [0, 0, 0, 0, 0, 0];
    sums.push(point.map((p, i) => p + sums[x]![i]!));
  });
  return (from, to) => {
    const [n, x, y, xx, xy, yy] = sums[to]!.map((s, i) => s - sums[from]![i]!) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    if (n === 0) return Number.NaN;
    const [sxx, sxy, syy] = [xx - (x * x) / n, xy - (x * y) / n, yy - (y * y) / n];
    return sxx <= 0 ? syy : syy - (sxy * sxy) / sxx;
  };
}

/** A line on each side of the split whose lines together fit best. */
function twoLines(series: Series) {
  const error = errors(series);
  let at = 0;
  let least = Infinity;
  for (let i = 1; i < series.length; i++) {
    const rest = error(0, i) + error(i, series.length);
    if (rest < least) [at, least] = [i, rest];
  }
  const [left, right] = [fitLine(series.slice(0, at)), fitLine(series.slice(at))];
  if (!left || !right) return null;
  const whole = quality(series, [...left.fitted, ...right.fitted]);
  const side = (name: string, fit: Line) => ({
    [`${name}_rsquare`]: real(fit.rsquare),
    [`${name}_slope`]: real(fit.slope),
    [`${name}_interception`]: real(fit.interception),
    [`${name}_variance`]: real(fit.variance),
    [`${name}_rvariance`]: real(fit.rvariance),
  });
  return bag({
    rsquare: real(whole.rsquare),
    split_idx: String(at),
    variance: real(whole.variance),
    rvariance: real(whole.rvariance),
    line_fit: reals(whole.fitted),
    ...side('right', right),
    ...side('left', left),
  });
}

const lineParts = parts('rsquare slope variance rvariance interception line_fit:dynamic');
const sideParts = (side: string) =>
  ['rsquare', 'slope', 'interception', 'variance', 'rvariance'].map((p) => `${side}_${p}`).join(' ');
const twoLinesParts = parts(
  `rsquare split_idx:long variance rvariance line_fit:dynamic ${sideParts('right')} ${sideParts('left')}`,
);
const approximate =
  'which side of the split counts the breaking point is not published, nor where the right line starts counting: split_idx is the first point of the right side, from where its line counts 1, 2, …';

function stats(series: Series, ignore: boolean) {
  const values = series.filter(known);
  if (values.length === 0 || (!ignore && values.length < series.length)) return null;
  const least = values.reduce((a, b) => Math.min(a, b));
  const most = values.reduce((a, b) => Math.max(a, b));
  const spread = variance(values);
  return bag({
    min: real(least),
    min_idx: String(series.indexOf(least)),
    max: real(most),
    max_idx: String(series.indexOf(most)),
    avg: real(mean(values)),
    stdev: real(Math.sqrt(spread)),
    variance: real(spread),
    sum: real(sum(values)),
    len: String(series.length),
  });
}

const measured = 'dynamic([2, 5, 6, 8, 11, 15, 17, 18, 25, 26, 30, 30])';

export const fitFunctions = [
  seriesFunction('series_fit_line', line, {
    parts: lineParts,
    examples: [[`round(toreal(series_fit_line_dynamic(${measured}).rsquare), 3)`, 0.983]],
  }),
  seriesFunction('series_fit_line_dynamic', line, {
    trap: 'x counts from 1.',
    examples: [
      [`round(toreal(series_fit_line_dynamic(${measured}).slope), 5)`, 2.73077],
      [`round(toreal(series_fit_line_dynamic(${measured}).interception), 5)`, -1.66667],
      [`round(toreal(series_fit_line_dynamic(${measured}).variance), 3)`, 98.629],
      [`round(toreal(series_fit_line_dynamic(${measured}).rvariance), 3)`, 1.686],
      [`round(toreal(series_fit_line_dynamic(${measured}).line_fit[11]), 3)`, 31.103],
    ],
  }),
  seriesFunction('series_fit_2lines', twoLines, { parts: twoLinesParts, approximate }),
  seriesFunction('series_fit_2lines_dynamic', twoLines, {
    approximate,
    examples: [
      ['series_fit_2lines_dynamic(dynamic([1,1,1,1,9,7,5,3])).split_idx', 4],
      ['round(toreal(series_fit_2lines_dynamic(dynamic([1,1,1,1,9,7,5,3])).right_slope), 9)', -2],
      ['round(toreal(series_fit_2lines_dynamic(dynamic([1,1,1,1,9,7,5,3])).rsquare), 9)', 1],
    ],
  }),
  seriesFunction(
    'series_fit_poly',
    (ys, [x, power]) => {
      const given = x === undefined || x === null ? undefined : seriesOf(x);
      const xs: Series = given ?? ys.map((_, i) => i + 1);
      const degree = Math.trunc(numberOr(power, 1));
      if (xs.length !== ys.length || degree < 0) return null;
      const pairs = ys.flatMap((y, i) => (known(y) && known(xs[i]!) ? [{ y, x: xs[i]! }] : []));
      const coefficients = fitPolynomial(
        pairs.map((p) => p.y),
        pairs.map((p) => p.x),
        degree,
      );
      if (!coefficients) return null;
      const fit = quality(
        ys,
        xs.map((v) => (known(v) ? polynomialAt(coefficients, v) : Number.NaN)),
      );
      return bag({
        rsquare: real(fit.rsquare),
        coefficients: reals(coefficients),
        variance: real(fit.variance),
        rvariance: real(fit.rvariance),
        poly_fit: reals(fit.fitted),
      });
    },
    {
      parts: parts('rsquare coefficients:dynamic variance rvariance poly_fit:dynamic'),
      trap: 'Coefficients come from the highest power down; x counts from 1 unless given.',
      examples: [['series_fit_poly(dynamic([5,5,5]), dynamic([1,2,3]), 4)', null]],
    },
  ),
  seriesFunction('series_stats', (series, [ignore]) => stats(series, ignore === true), {
    parts: parts('min min_idx:long max max_idx:long avg stdev variance'),
    examples: [
      ['series_stats(dynamic([23, 46, 23, 87, 4, 8, 3, 75, 2, 56, 13, 75, 32, 16, 29]))', 2],
      ['series_stats(dynamic([1,null]))', null],
    ],
  }),
  seriesFunction('series_stats_dynamic', (series, [ignore]) => stats(series, ignore === true), {
    examples: [
      [
        'series_stats_dynamic(dynamic([1,2,3]))',
        { min: 1, min_idx: 0, max: 3, max_idx: 2, avg: 2, stdev: 1, variance: 1, sum: 6, len: 3 },
      ],
      ['series_stats_dynamic(dynamic([4,null,2]), true).min_idx', 2],
    ],
  }),
];
