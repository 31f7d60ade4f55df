/** A complex series. */
export interface Complex {
  readonly real: Float64Array;
  readonly imag: Float64Array;
}

const complex = (length: number): Complex => ({ real: new Float64Array(length), imag: new Float64Array(length) });

export const complexOf = (real: readonly number[], imag: readonly number[] = []): Complex => {
  const length = Math.max(real.length, imag.length);
  const value = complex(length);
  value.real.set(real);
  value.imag.set(imag);
  return value;
};

/** The discrete transform of any length, not scaled; `inverse` changes the sign of the exponent only. */
export function transform(x: Complex, inverse = false): Complex {
  const n = x.real.length;
  if (n < 2) return complexOf([...x.real], [...x.imag]);
  return (n & (n - 1)) === 0 ? powerOfTwo(x, inverse) : anyLength(x, inverse);
}

function powerOfTwo(x: Complex, inverse: boolean): Complex {
  const n = x.real.length;
  const bits = Math.log2(n);
  const out = complex(n);
  for (let i = 0; i < n; i++) {
    let from = 0;
    for (let b = 0; b < bits; b++) if (i & (1 << b)) from |= 1 << (bits - 1 - b);
    out.real[i] = x.real[from]!;
    out.imag[i] = x.imag[from]!;
  }
  const { real, imag } = out;
  for (let size = 2; size <= n; size *= 2) {
    const half = size / 2;
    for (let k = 0; k < half; k++) {
      const angle = ((inverse ? 2 : -2) * Math.PI * k) / size;
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      for (let at = k; at < n; at += size) {
        const to = at + half;
        const re = real[to]! * c - imag[to]! * s;
        const im = real[to]! * s + imag[to]! * c;
        real[to] = real[at]! - re;
        imag[to] = imag[at]! - im;
        real[at] = real[at]! + re;
        imag[at] = imag[at]! + im;
      }
    }
  }
  return out;
}

/** Bluestein's chirp: a convolution of a length that is a power of two. */
function anyLength(x: Complex, inverse: boolean): Complex {
  const n = x.real.length;
  let m = 1;
  while (m < 2 * n) m *= 2;
  const chirp = complex(n);
  for (let i = 0; i < n; i++) {
    // The square is reduced first, or large angles would lose digits.
    const angle = ((inverse ? 1 : -1) * Math.PI * ((i * i) % (2 * n))) / n;
    chirp.real[i] = Math.cos(angle);
    chirp.imag[i] = Math.sin(angle);
  }
  const a = complex(m);
  const b = complex(m);
  for (let i = 0; i < n; i++) {
    a.real[i] = x.real[i]! * chirp.real[i]! - x.imag[i]! * chirp.imag[i]!;
    a.imag[i] = x.real[i]! * chirp.imag[i]! + x.imag[i]! * chirp.real[i]!;
    for (const at of i === 0 ? [0] : [i, m - i]) {
      b.real[at] = chirp.real[i]!;
      b.imag[at] = -chirp.imag[i]!;
    }
  }
  const [fa, fb] = [powerOfTwo(a, false), powerOfTwo(b, false)];
  const product = complex(m);
  for (let i = 0; i < m; i++) {
    product.real[i] = fa.real[i]! * fb.real[i]! - fa.imag[i]! * fb.imag[i]!;
    product.imag[i] = fa.real[i]! * fb.imag[i]! + fa.imag[i]! * fb.real[i]!;
  }
  const back = powerOfTwo(product, true);
  const out = complex(n);
  for (let i = 0; i < n; i++) {
    const [re, im] = [back.real[i]! / m, back.imag[i]! / m];
    out.real[i] = re * chirp.real[i]! - im * chirp.imag[i]!;
    out.imag[i] = re * chirp.imag[i]! + im * chirp.real[i]!;
  }
  return out;
}
