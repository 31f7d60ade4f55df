/**
 * A finite real as text, as Kusto writes it into strings: of the shortest texts the largest, where RapidJSON does not
 * round, and
 * whole numbers with `.0`.
 */
export function formatReal(value: number): string {
  if (Number.isInteger(value)) return Math.abs(value) < 1e21 ? `${value}.0` : `${value}`.replace('+', '');
  const shortest = `${value}`;
  const [, head, last, exponent = ''] = /^(.*)(\d)(e.*)?$/.exec(shortest) as unknown as [
    string,
    string,
    string,
    string?,
  ];
  const decimals = head.length + 1 - (head.indexOf('.') + 1) - Number(exponent.slice(1));
  if (head.replace(/\D/g, '').length < 15 || decimals - scaleOf(value) <= 8) return shortest;
  let digit = Number(last);
  while (digit < 9 && Number(`${head}${digit + 1}${exponent}`) === value) digit++;
  return `${head}${digit}${exponent}`;
}

/** The power of ten that RapidJSON scales a real by. */
function scaleOf(value: number): number {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  const binaryExponent = ((bits.getUint16(0) >> 4) & 2047) - 1086;
  return Math.floor(Math.ceil((-61 - binaryExponent) * Math.log10(2) + 347) / 8) * 8 - 340;
}
