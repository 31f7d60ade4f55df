import type { Shape } from './shapes.js';

/** Well-known text as GeoJSON; undefined when it cannot be read. Heights and measures are read over. */
export function parseWkt(text: string): Shape | undefined {
  const tokens = text.match(/[A-Za-z]+|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[(),]|\S/g) ?? [];
  let at = 0;
  const take = (token: string): boolean => tokens[at] === token && ++at > 0;

  const position = (): number[] | undefined => {
    const numbers: number[] = [];
    while (at < tokens.length && /^[-+.\d]/.test(tokens[at]!)) numbers.push(Number(tokens[at++]));
    const valid = numbers.length >= 2 && numbers.length <= 4 && numbers.every(Number.isFinite);
    return valid ? numbers.slice(0, 2) : undefined;
  };
  const listOf =
    <T>(item: () => T | undefined) =>
    (): T[] | undefined => {
      if (!take('(')) return undefined;
      const items: T[] = [];
      do {
        const one = item();
        if (one === undefined) return undefined;
        items.push(one);
      } while (take(','));
      return take(')') ? items : undefined;
    };
  const single = (): number[] | undefined => listOf(position)()?.[0];
  // Each point of a multipoint may stand in brackets of its own.
  const loosePosition = () => (tokens[at] === '(' ? single() : position());

  const kinds: Record<string, readonly [type: string, read: () => unknown]> = {
    POINT: ['Point', single],
    LINESTRING: ['LineString', listOf(position)],
    POLYGON: ['Polygon', listOf(listOf(position))],
    MULTIPOINT: ['MultiPoint', listOf(loosePosition)],
    MULTILINESTRING: ['MultiLineString', listOf(listOf(position))],
    MULTIPOLYGON: ['MultiPolygon', listOf(listOf(listOf(position)))],
  };
  const geometry = (): Shape | undefined => {
    const word = tokens[at++]?.toUpperCase() ?? '';
    if (/^(Z|M|ZM)$/i.test(tokens[at] ?? '')) at++;
    if (word === 'GEOMETRYCOLLECTION') {
      const geometries = listOf(geometry)();
      return geometries && { type: 'GeometryCollection', geometries };
    }
    const kind = kinds[word];
    const coordinates = kind?.[1]();
    return kind && coordinates !== undefined ? { type: kind[0], coordinates } : undefined;
  };
  const result = geometry();
  return at === tokens.length ? result : undefined;
}
