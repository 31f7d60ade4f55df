import { type Complex, complexOf, transform } from './fourier.js';
import { bag, known, parts, reals, type Series, seriesFunction, seriesOf } from './values.js';

const numbers = (series: Series): number[] => series.map((x) => (known(x) ? x : 0));
const pair = (x: Complex) => bag({ real: reals([...x.real]), imag: reals([...x.imag]) });
const described = { parts: parts('real:dynamic imag:dynamic') };

export const transforms = [
  seriesFunction(
    'series_fft',
    (real, [imag]) => pair(transform(complexOf(numbers(real), numbers(seriesOf(imag) ?? [])))),
    {
      ...described,
      examples: [
        // A unit impulse has all frequencies alike.
        ['series_fft(dynamic([1,0,0,0]))', [1, 1, 1, 1]],
      ],
    },
  ),
  seriesFunction(
    'series_ifft',
    (real, [imag]) => {
      const back = transform(complexOf(numbers(real), numbers(seriesOf(imag) ?? [])), true);
      const n = back.real.length || 1;
      return pair({ real: back.real.map((x) => x / n), imag: back.imag.map((x) => x / n) });
    },
    { ...described, examples: [['series_ifft(dynamic([1,1,1,1]))', [1, 0, 0, 0]]] },
  ),
];
