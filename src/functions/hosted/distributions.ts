import { type Example, type HostedValue, hosted } from '../entry.js';

/** Lanczos' approximation of the logarithm of the gamma function, for x > 0. */
export function logGamma(x: number): number {
  const c = [
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  ];
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const y = x - 1;
  const t = y + 7.5;
  const series = c.reduce((sum, value, i) => (i === 0 ? value : sum + value / (y + i)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (y + 0.5) * Math.log(t) - t + Math.log(series);
}

const logBeta = (a: number, b: number): number => logGamma(a) + logGamma(b) - logGamma(a + b);

/** The regularised incomplete beta function, by its continued fraction. */
export function betaCdf(x: number, a: number, b: number): number {
  if (x <= 0 || x >= 1) return x <= 0 ? 0 : 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - betaCdf(1 - x, b, a);
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) - logBeta(a, b)) / a;
  const tiny = 1e-300;
  const away = (v: number) => (Math.abs(v) < tiny ? tiny : v);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m < 10_000; m++) {
    const terms = [
      (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)),
      (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1)),
    ];
    let change = 1;
    for (const term of terms) {
      d = 1 / away(1 + term * d);
      c = away(1 + term / c);
      change = c * d;
      fraction *= change;
    }
    if (Math.abs(change - 1) < 1e-16) break;
  }
  return front * fraction;
}

function betaPdf(x: number, a: number, b: number): number {
  return Math.exp((a - 1) * Math.log(x) + (b - 1) * Math.log1p(-x) - logBeta(a, b));
}

/** Halves the interval until it holds no further number. */
function betaInverse(p: number, a: number, b: number): number {
  let [low, high] = [0, 1];
  for (let i = 0; i < 1100; i++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (betaCdf(middle, a, b) < p) low = middle;
    else high = middle;
  }
  return high;
}

/** The probability of a difference of means at least as large, were the means the same. */
function welch(m1: number, v1: number, n1: number, m2: number, v2: number, n2: number): number {
  const [e1, e2] = [v1 / n1, v2 / n2];
  const t2 = (m1 - m2) ** 2 / (e1 + e2);
  const freedom = (e1 + e2) ** 2 / (e1 ** 2 / (n1 - 1) + e2 ** 2 / (n2 - 1));
  const x = freedom / (freedom + t2);
  return Number.isNaN(x) ? Number.NaN : betaCdf(x, freedom / 2, 0.5);
}

const ofNumbers = (
  name: string,
  of: (...args: readonly number[]) => number | null,
  examples: readonly Example[],
  trap?: string,
) =>
  hosted({
    name,
    docs: `https://learn.microsoft.com/kusto/query/${name.replaceAll('_', '-')}-function`,
    ...(trap ? { trap } : {}),
    evaluate: (args) => {
      const numbers = args.map(numberOf);
      return numbers.some((n) => n === null) ? null : of(...(numbers as number[]));
    },
    examples,
  });

function numberOf(value: HostedValue): number | null {
  if (typeof value === 'bigint' || (typeof value === 'string' && value !== '')) return Number(value);
  return typeof value === 'number' ? value : null;
}

const isShape = (a: number) => a > 0 && a <= 10_000;
const round = (kql: string) => `round(${kql}, 12)`;

export const distributions = [
  ofNumbers(
    'beta_cdf',
    (x, a, b) => (x! >= 0 && x! <= 1 && isShape(a!) && isShape(b!) ? betaCdf(x!, a!, b!) : Number.NaN),
    [
      // Of a uniform distribution the share below x is x.
      [round('beta_cdf(0.3, 1.0, 1.0)'), 0.3],
      [round('beta_cdf(0.5, 10.0, 10.0)'), 0.5],
      ['beta_cdf(1.5, 10.0, 20.0)', 'NaN'],
      ['beta_cdf(0.1, -1.0, 20.0)', 'NaN'],
    ],
  ),
  ofNumbers(
    'beta_inv',
    (p, a, b) => {
      if (!(p! > 0 && p! <= 1)) return null;
      return a! > 0 && b! > 0 ? betaInverse(p!, a!, b!) : Number.NaN;
    },
    [
      [round('beta_inv(0.1, 10.0, 20.0)'), 0.226415022389],
      ['beta_inv(1.5, 10.0, 20.0)', null],
      ['beta_inv(0.1, -1.0, 20.0)', 'NaN'],
    ],
    'A probability out of range gives null, a shape out of range NaN.',
  ),
  ofNumbers('beta_pdf', (x, a, b) => (x! > 0 && x! < 1 && a! > 0 && b! > 0 ? betaPdf(x!, a!, b!) : Number.NaN), [
    [round('beta_pdf(0.5, 10.0, 20.0)'), 0.746176019311],
    ['beta_pdf(1.5, 10.0, 20.0)', 'NaN'],
  ]),
  ofNumbers('welch_test', (...a) => welch(...(a as [number, number, number, number, number, number])), [
    [round('welch_test(20.82, 7.8674285714, 15, 22.986666666666668, 3.8126666667, 15)'), 0.021378001463],
    [round('welch_test(5.0, 1.0, 10, 5.0, 2.0, 20)'), 1],
  ]),
];
