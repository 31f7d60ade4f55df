import { describe, expect, it } from 'vitest';
import { complexOf, transform } from './fourier.js';
import { fitPolynomial, quantile } from './numbers.js';
import { normalQuantile } from './outliers.js';
import { detectPeriods } from './periods.js';

describe('transforms', () => {
  it('is the discrete Fourier transform at every length', () => {
    for (const n of [1, 2, 5, 8, 60, 97]) {
      const x = Array.from({ length: n }, (_, i) => Math.sin(i * i) + i);
      const y = Array.from({ length: n }, (_, i) => Math.cos(3 * i));
      const { real, imag } = transform(complexOf(x, y));
      for (let k = 0; k < n; k++) {
        let [re, im] = [0, 0];
        for (let i = 0; i < n; i++) {
          const angle = (-2 * Math.PI * ((i * k) % n)) / n;
          re += x[i]! * Math.cos(angle) - y[i]! * Math.sin(angle);
          im += x[i]! * Math.sin(angle) + y[i]! * Math.cos(angle);
        }
        expect(real[k]).toBeCloseTo(re, 8);
        expect(imag[k]).toBeCloseTo(im, 8);
      }
      const back = transform({ real, imag }, true);
      expect(back.real[n - 1]! / n).toBeCloseTo(x[n - 1]!, 9);
    }
  });
});

describe('periods', () => {
  // Hourly counts of five weeks: a day of 24 hours on top of a week of 168.
  const hours = Array.from({ length: 24 * 7 * 5 }, (_, t) => {
    const day = 3 * Math.sin((2 * Math.PI * t) / 24);
    return day + (Math.floor(t / 24) % 7 < 5 ? 3 : 0);
  });

  it('finds the day and the week', () => {
    expect(detectPeriods(hours, 0, 336).map((p) => p.length)).toEqual(expect.arrayContaining([24, 168]));
    expect(detectPeriods(hours, 0, 336)[0]).toMatchObject({ length: 168 });
    expect(detectPeriods(hours, 20, 30).map((p) => p.length)).toEqual([24]);
  });

  it('finds none in a flat or short series', () => {
    expect(detectPeriods([5, 5, 5, 5, 5, 5, 5, 5, 5, 5], 0, 100)).toEqual([]);
    expect(detectPeriods([0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1], 0, 100)).toEqual([]);
    expect(detectPeriods([1, 2, 1, 2, 1], 0, 100)).toEqual([]);
    expect(detectPeriods([], 0, 100)).toEqual([]);
  });
});

describe('numbers', () => {
  it('fits a polynomial through its own points', () => {
    const xs = [1, 2, 3, 4, 5];
    const found = fitPolynomial(
      xs.map((x) => 2 * x ** 3 - x + 7),
      xs,
      3,
    )!;
    [2, 0, -1, 7].forEach((c, i) => {
      expect(found[i]).toBeCloseTo(c, 8);
    });
    expect(fitPolynomial([1, 2], [3, 3], 1)).toBeUndefined();
  });

  it('knows quantiles', () => {
    expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963985, 8);
    expect(normalQuantile(0.01)).toBeCloseTo(-2.326347874, 8);
  });
});
