import { fail } from '../../../base/index.js';
import { hosted } from '../../entry.js';
import { docs, geometry, number } from './arguments.js';
import { closestOf, pathOf, regionOf } from './regions.js';
import { type Edge, location, pointShape, type Rings, ringEdges, signedArea } from './shapes.js';
import { solidOf } from './union.js';
import { angle, cross, dot, earthRadius, interpolate, minus, norm, type Point, plus, times, unit } from './vector.js';

const length = (edges: readonly Edge[]) => edges.reduce((sum, [a, b]) => sum + angle(a, b), 0);

/** Edges of several lines, each once whatever its direction: they count as their union. */
function distinct(edges: readonly Edge[]): Edge[] {
  const seen = new Set<string>();
  return edges.filter(([a, b]) => {
    const [p, q] = [a.join(), b.join()];
    const key = p < q ? `${p} ${q}` : `${q} ${p}`;
    return !seen.has(key) && seen.add(key);
  });
}

const united = (lines: { lines: readonly unknown[]; edges: readonly Edge[] }) =>
  lines.lines.length > 1 ? distinct(lines.edges) : lines.edges;

/** The integral of position over an edge: its middle, weighted by its length. */
const edgeCentroid = ([a, b]: Edge): Point => {
  const sum = plus(a, b);
  const n = norm(sum);
  return n === 0 ? [0, 0, 0] : times(sum, norm(minus(a, b)) / n);
};

/** The integral of position over a triangle, precise for small ones too. */
function triangleCentroid(a: Point, b: Point, c: Point): Point {
  const ratio = (p: Point, q: Point) => {
    const d = angle(p, q);
    return d === 0 ? 1 : d / Math.sin(d);
  };
  const [ra, rb, rc] = [ratio(b, c), ratio(c, a), ratio(a, b)];
  const axis = (k: 0 | 1 | 2): Point => [a[k], b[k] - a[k], c[k] - a[k]];
  const [x, y, z] = [axis(0), axis(1), axis(2)];
  const r: Point = [ra, rb - ra, rc - ra];
  return [0.5 * dot(cross(y, z), r), 0.5 * dot(cross(z, x), r), 0.5 * dot(cross(x, y), r)];
}

function ringCentroid(ring: readonly Point[]): Point {
  let sum: Point = [0, 0, 0];
  for (let i = 1; i + 1 < ring.length; i++) sum = plus(sum, triangleCentroid(ring[0]!, ring[i]!, ring[i + 1]!));
  return sum;
}

/** A shell adds, a hole takes away, whichever way it is written. */
const overRings = <T>(rings: Rings, of: (ring: readonly Point[], sign: 1 | -1) => T): T[] =>
  rings.map((ring, i) => of(ring, signedArea(ring) < 0 === i > 0 ? 1 : -1));

const areaOf = (polygons: readonly Rings[]) =>
  polygons.flatMap((p) => overRings(p, (ring, sign) => sign * signedArea(ring))).reduce((a, b) => a + b, 0);

const park =
  'dynamic({"type":"Polygon","coordinates":[[[-73.9495,40.7969],[-73.95807266235352,40.80068603561921],[-73.98201942443848,40.76825672305777],[-73.97317886352539,40.76455136505513],[-73.9495,40.7969]]]})';
const two =
  'dynamic({"type":"MultiPolygon","coordinates":[[[[-73.9495,40.7969],[-73.95807266235352,40.80068603561921],[-73.98201942443848,40.76825672305777],[-73.97317886352539,40.76455136505513],[-73.9495,40.7969]]],[[[-73.94262313842773,40.775991804565585],[-73.98107528686523,40.791849155467695],[-73.99600982666016,40.77092185281977],[-73.96150588989258,40.75609977566361],[-73.94262313842773,40.775991804565585]]]]})';
const broken = 'dynamic({"type": "Polygon","coordinates": [[[0,0],[10,10],[10,10],[0,0]]]})';
const street = 'dynamic({"type":"LineString","coordinates":[[-73.95796, 40.80042], [-73.97317, 40.764486]]})';
const bent =
  'dynamic({"type":"LineString","coordinates":[[-73.95807266235352,40.800426144169315],[-73.94966125488281,40.79691751000055],[-73.97317886352539,40.764486356930334]]})';
const brokenLine = 'dynamic({"type":"LineString","coordinates":[[1, 1]]})';

export const geoMeasures = [
  hosted({
    name: 'geo_line_length',
    docs: docs('geo_line_length'),
    trap: 'Lines of a multiline count as their union: an edge that two of them share is counted once.',
    evaluate: ([line]) => {
      const path = pathOf(line);
      return path ? length(united(path)) * earthRadius : null;
    },
    examples: [
      [`round(geo_line_length(${bent}), 8)`, 4922.48016992],
      [
        'geo_line_length(dynamic({"type":"MultiLineString","coordinates":[[[0,0],[1,0]],[[1,0],[0,0]]]})) == geo_line_length(dynamic({"type":"LineString","coordinates":[[0,0],[1,0]]}))',
        true,
      ],
      [`geo_line_length(${brokenLine})`, null],
    ],
  }),
  hosted({
    name: 'geo_line_centroid',
    docs: docs('geo_line_centroid'),
    evaluate: ([line]) => {
      const path = pathOf(line);
      const sum = path && united(path).map(edgeCentroid).reduce(plus, [0, 0, 0]);
      return geometry(sum && norm(sum) > 0 ? pointShape(unit(sum)) : undefined);
    },
    examples: [
      [`round(toreal(geo_line_centroid(${street}).coordinates[0]), 10)`, -73.9655670572],
      [`round(toreal(geo_line_centroid(${street}).coordinates[1]), 10)`, 40.7824532496],
      [`isnull(geo_line_centroid(${brokenLine}))`, true],
    ],
  }),
  hosted({
    name: 'geo_line_interpolate_point',
    docs: docs('geo_line_interpolate_point'),
    evaluate: ([line, fraction]) => {
      const [path, share] = [pathOf(line), number(fraction)];
      if (path?.lines.length !== 1 || share === undefined || !(share >= 0 && share <= 1)) return null;
      let left = share * length(path.edges);
      for (const [a, b] of path.edges) {
        const d = angle(a, b);
        if (left < d) return geometry(pointShape(interpolate(a, b, left / d)));
        left -= d;
      }
      return geometry(pointShape(path.edges.at(-1)![1]));
    },
    examples: [
      [
        'round(toreal(geo_line_interpolate_point(dynamic({"type":"LineString","coordinates":[[0,0],[10,0],[20,0]]}), 0.75).coordinates[0]), 9)',
        15,
      ],
      [`isnull(geo_line_interpolate_point(${brokenLine}, 0.5))`, true],
      [`isnull(geo_line_interpolate_point(${street}, 1.5))`, true],
    ],
  }),
  hosted({
    name: 'geo_line_locate_point',
    docs: docs('geo_line_locate_point'),
    evaluate: ([line, lng, lat, spheroid]) => {
      const [path, at] = [pathOf(line), location(lng, lat)];
      if (spheroid) fail('KQL4005', 'geo_line_locate_point: use_spheroid is not supported', { hint: 'leave it out' });
      if (path?.lines.length !== 1 || !at) return null;
      let [before, found, least] = [0, 0, Number.POSITIVE_INFINITY];
      for (const edge of path.edges) {
        const on = closestOf(at, [edge]);
        const far = angle(at, on);
        if (far < least) [found, least] = [before + angle(edge[0], on), far];
        before += angle(edge[0], edge[1]);
      }
      return Math.min(1, found / before);
    },
    examples: [
      [
        'round(geo_line_locate_point(dynamic({"type":"LineString","coordinates":[[0,0],[10,0],[20,0]]}), 5, 1), 9)',
        0.25,
      ],
      [`geo_line_locate_point(${brokenLine}, 1, 1)`, null],
    ],
  }),
  hosted({
    name: 'geo_polygon_perimeter',
    docs: docs('geo_polygon_perimeter'),
    trap: 'Polygons of a multipolygon count as their union. Borders of holes are part of it.',
    evaluate: ([polygon]) => {
      const region = regionOf(polygon);
      return region ? length(solidOf(region).flatMap((p) => p.flatMap(ringEdges))) * earthRadius : null;
    },
    examples: [
      [`round(geo_polygon_perimeter(${park}), 8)`, 9930.30149605],
      [`round(geo_polygon_perimeter(${two}), 7)`, 15943.5384579],
      [`geo_polygon_perimeter(${broken})`, null],
    ],
  }),
  hosted({
    name: 'geo_polygon_area',
    docs: docs('geo_polygon_area'),
    trap: 'Polygons of a multipolygon count as their union.',
    evaluate: ([polygon]) => {
      const region = regionOf(polygon);
      return region ? areaOf(solidOf(region)) * earthRadius ** 2 : null;
    },
    examples: [
      [`round(geo_polygon_area(${park}), 3)`, 3475207.283],
      [`round(geo_polygon_area(${two}), 3)`, 10889971.534],
      [`geo_polygon_area(${broken})`, null],
    ],
  }),
  hosted({
    name: 'geo_polygon_centroid',
    docs: docs('geo_polygon_centroid'),
    trap: 'Polygons of a multipolygon count as their union.',
    evaluate: ([polygon]) => {
      const region = regionOf(polygon);
      if (!region) return null;
      const parts = solidOf(region).flatMap((p) => overRings(p, (r, sign) => times(ringCentroid(r), sign)));
      const sum = parts.reduce(plus, [0, 0, 0]);
      return geometry(norm(sum) > 0 ? pointShape(unit(sum)) : undefined);
    },
    examples: [
      [`round(toreal(geo_polygon_centroid(${park}).coordinates[0]), 10)`, -73.9657356899],
      [`round(toreal(geo_polygon_centroid(${park}).coordinates[1]), 10)`, 40.7825505381],
      [`round(toreal(geo_polygon_centroid(${two}).coordinates[0]), 9)`, -73.968569588],
      [`isnull(geo_polygon_centroid(${broken}))`, true],
    ],
  }),
];
