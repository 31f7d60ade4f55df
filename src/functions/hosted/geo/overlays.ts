import { type HostedValue, hosted } from '../../entry.js';
import { docs, geometry } from './arguments.js';
import { polygonsFrom } from './loops.js';
import { chainPoints, chains, overlay, type Piece, pieceKey, reverseKey } from './overlay.js';
import { type Path, pathOf, type Region, regionOf } from './regions.js';
import {
  collect,
  edgesOf,
  type Line,
  lineShape,
  nothing,
  pointShape,
  polygonShape,
  type Rings,
  type Shape,
} from './shapes.js';
import { classify, solidOf, unionOf } from './union.js';
import { interpolate, type Point, positionOf } from './vector.js';

const pointsShape = (points: readonly Point[]): Shape =>
  points.length === 1 ? pointShape(points[0]!) : { type: 'MultiPoint', coordinates: points.map(positionOf) };

function together(points: readonly Point[], lines: readonly Line[], polygons: readonly Rings[]): Shape {
  const parts = [
    ...(points.length ? [pointsShape(points)] : []),
    ...(lines.length ? [lineShape(lines)] : []),
    ...(polygons.length ? [polygonShape(polygons)] : []),
  ];
  return parts.length ? collect(parts) : nothing;
}

/** Vertices that no piece of the result has. */
function alone(vertices: Iterable<number>, pieces: readonly Piece[], points: readonly Point[]): Point[] {
  const used = new Set(pieces.flatMap((p) => [p.from, p.to]));
  return [...new Set(vertices)].filter((v) => !used.has(v)).map((v) => points[v]!);
}

function polygonsIntersection(a: Region, b: Region): Shape {
  const { over, inside, along, against } = classify(solidOf(a), solidOf(b));
  const border = [...inside, ...along].sort((p, q) => p.edge - q.edge);
  const touching = alone(over.touched, [...border, ...against], over.points);
  const lines = chains(against).map((c) => chainPoints(c, over.points));
  return together(touching, lines, polygonsFrom(border, over));
}

function linesIntersection(a: Path, b: Path): Shape {
  const over = overlay(a.edges, b.edges);
  const other = new Set(over.pieces[1].flatMap((p) => [pieceKey(p), reverseKey(p)]));
  const shared = unique(over.pieces[0].filter((p) => other.has(pieceKey(p))));
  const points = alone([...over.touched, ...over.crossings], shared, over.points);
  const lines = chains(shared).map((c) => chainPoints(c, over.points));
  return together(points, lines, []);
}

function lineInPolygon(line: Path, region: Region): Shape {
  const over = overlay(line.edges, solidOf(region).flatMap(edgesOf));
  const border = new Set(over.pieces[1].flatMap((p) => [pieceKey(p), reverseKey(p)]));
  const middle = (p: Piece) => interpolate(over.points[p.from]!, over.points[p.to]!, 0.5);
  const kept = unique(over.pieces[0].filter((p) => border.has(pieceKey(p)) || region.contains(middle(p))));
  const points = alone(over.touched, kept, over.points);
  const lines = chains(kept).map((c) => chainPoints(c, over.points));
  return together(points, lines, []);
}

/** Each piece once, whatever its direction. */
function unique(pieces: readonly Piece[]): Piece[] {
  const seen = new Set<string>();
  return pieces.filter((p) => {
    const is = seen.has(pieceKey(p));
    seen.add(pieceKey(p)).add(reverseKey(p));
    return !is;
  });
}

function linesUnion(paths: readonly Path[]): Shape {
  const { pieces, points } = overlay(
    paths.flatMap((p) => p.edges),
    [],
  );
  return lineShape(chains(unique(pieces[0])).map((c) => chainPoints(c, points)));
}

const meets = (a: Path | Region, b: Path | Region): boolean => {
  const { touched, crossings } = overlay(a.edges, b.edges);
  return touched.size > 0 || crossings.size > 0;
};

/** Borders may not meet although the whole of a part lies inside. */
const holds = (region: Region, parts: readonly (readonly Point[])[]) => parts.some((p) => region.contains(p[0]!));
const starts = (region: Region) => region.polygons.map((rings) => rings[0]!);

function both<A, B>(a: A | undefined, b: B | undefined, then: (a: A, b: B) => HostedValue): HostedValue {
  return a && b ? then(a, b) : null;
}

function every<T>(value: HostedValue | undefined, read: (v: HostedValue) => T | undefined): T[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const all = value.map((v) => read(v as HostedValue));
  return all.includes(undefined) ? undefined : (all as T[]);
}

const street = 'dynamic({"type":"LineString","coordinates":[[-73.978929,40.785155],[-73.980903,40.782621]]})';
const other = 'dynamic({"type":"LineString","coordinates":[[-73.985195,40.788275],[-73.974552,40.779761]]})';
const far = 'dynamic({"type":"LineString","coordinates":[[1,1],[2,2]]})';
const brokenLine = 'dynamic({"type":"LineString","coordinates":[[3, 3]]})';
const area =
  'dynamic({"type":"Polygon","coordinates":[[[-73.9712905883789,40.78580561168767],[-73.98004531860352,40.775276834803655],[-73.97000312805176,40.77852663535664],[-73.9712905883789,40.78580561168767]]]})';
const west = 'dynamic({"type":"Polygon","coordinates":[[[2,45],[0,45],[1,44],[2,45]]]})';
const touching = 'dynamic({"type":"Polygon","coordinates":[[[3,44],[2,45],[2,43],[3,44]]]})';
const away = 'dynamic({"type":"Polygon","coordinates":[[[3,44],[3,45],[2,43],[3,44]]]})';
const mixed =
  'dynamic({"type":"MultiPolygon","coordinates":[[[[3,44],[2,45],[2,43],[3,44]]],[[[1.192,45.265],[1.005,44.943],[1.356,44.937],[1.192,45.265]]]]})';
const square = (x: number, y: number, side: number) =>
  `dynamic({"type":"Polygon","coordinates":[[[${x},${y}],[${x + side},${y}],[${x + side},${y + side}],[${x},${y + side}],[${x},${y}]]]})`;
const brokenPolygon = 'dynamic({"type":"Polygon"})';

/** Shapes with shapes. */
export const geoOverlays = [
  hosted({
    name: 'geo_intersects_2lines',
    docs: docs('geo_intersects_2lines'),
    evaluate: ([a, b]) => both(pathOf(a), pathOf(b), meets),
    examples: [
      [`geo_intersects_2lines(${street}, ${other})`, true],
      [`geo_intersects_2lines(${street}, ${far})`, false],
      [`geo_intersects_2lines(${street}, ${brokenLine})`, null],
    ],
  }),
  hosted({
    name: 'geo_intersects_2polygons',
    docs: docs('geo_intersects_2polygons'),
    evaluate: ([a, b]) =>
      both(regionOf(a), regionOf(b), (p, q) => meets(p, q) || holds(p, starts(q)) || holds(q, starts(p))),
    examples: [
      [`geo_intersects_2polygons(${west}, ${touching})`, true],
      [`geo_intersects_2polygons(${west}, ${away})`, false],
      [`geo_intersects_2polygons(${square(0, 0, 10)}, ${square(4, 4, 1)})`, true],
      [`geo_intersects_2polygons(${west}, ${brokenPolygon})`, null],
    ],
  }),
  hosted({
    name: 'geo_intersects_line_with_polygon',
    docs: docs('geo_intersects_line_with_polygon'),
    evaluate: ([line, polygon]) => both(pathOf(line), regionOf(polygon), (l, p) => meets(l, p) || holds(p, l.lines)),
    examples: [
      [`geo_intersects_line_with_polygon(${other}, ${area})`, true],
      [`geo_intersects_line_with_polygon(${far}, ${area})`, false],
      [`geo_intersects_line_with_polygon(${far}, ${square(0, 0, 10)})`, true],
      [`geo_intersects_line_with_polygon(${brokenLine}, ${area})`, null],
    ],
  }),
  hosted({
    name: 'geo_intersection_2lines',
    docs: docs('geo_intersection_2lines'),
    evaluate: ([a, b]) => both(pathOf(a), pathOf(b), (p, q) => geometry(linesIntersection(p, q))),
    examples: [
      [`geo_intersection_2lines(${street}, ${other}).type`, 'Point'],
      [`round(toreal(geo_intersection_2lines(${street}, ${other}).coordinates[0]), 10)`, -73.9798371167],
      [`geo_intersection_2lines(${street}, ${street}).type`, 'LineString'],
      [`geo_intersection_2lines(${street}, ${far})`, { type: 'GeometryCollection', geometries: [] }],
      [`isnull(geo_intersection_2lines(${street}, ${brokenLine}))`, true],
    ],
  }),
  hosted({
    name: 'geo_intersection_line_with_polygon',
    docs: docs('geo_intersection_line_with_polygon'),
    evaluate: ([line, polygon]) => both(pathOf(line), regionOf(polygon), (l, p) => geometry(lineInPolygon(l, p))),
    examples: [
      [`round(toreal(geo_intersection_line_with_polygon(${other}, ${area}).coordinates[0][0]), 10)`, -73.9756119566],
      [`geo_intersection_line_with_polygon(${far}, ${area})`, { type: 'GeometryCollection', geometries: [] }],
      [`isnull(geo_intersection_line_with_polygon(${far}, ${brokenPolygon}))`, true],
    ],
  }),
  hosted({
    name: 'geo_intersection_2polygons',
    docs: docs('geo_intersection_2polygons'),
    trap: 'Borders belong to polygons here: two that touch intersect in a point or a line.',
    evaluate: ([a, b]) => both(regionOf(a), regionOf(b), (p, q) => geometry(polygonsIntersection(p, q))),
    examples: [
      [`geo_intersection_2polygons(${west}, ${touching}).type`, 'Point'],
      [`geo_intersection_2polygons(${west}, ${mixed}).type`, 'GeometryCollection'],
      [`geo_intersection_2polygons(${west}, ${mixed}).geometries[0].type`, 'Point'],
      [
        `round(toreal(geo_intersection_2polygons(${west}, ${mixed}).geometries[1].coordinates[0][0][0]), 10)`,
        1.3227075526,
      ],
      [`geo_intersection_2polygons(${west}, ${away})`, { type: 'GeometryCollection', geometries: [] }],
      [`isnull(geo_intersection_2polygons(${west}, ${brokenPolygon}))`, true],
    ],
  }),
  hosted({
    name: 'geo_union_polygons_array',
    docs: docs('geo_union_polygons_array'),
    trap: 'Vertices between edges in one line stay.',
    evaluate: ([polygons]) => {
      const regions = every(polygons, regionOf);
      return geometry(regions && polygonShape(unionOf(regions.flatMap((r) => r.polygons.map((p) => [p])))));
    },
    examples: [
      [`array_length(geo_union_polygons_array(pack_array(${square(0, 0, 1)}, ${square(1, 0, 1)})).coordinates[0])`, 7],
      [`geo_union_polygons_array(pack_array(${square(0, 0, 1)}, ${square(5, 5, 1)})).type`, 'MultiPolygon'],
      [`isnull(geo_union_polygons_array(pack_array(${square(0, 0, 1)}, ${brokenPolygon})))`, true],
    ],
  }),
  hosted({
    name: 'geo_union_lines_array',
    docs: docs('geo_union_lines_array'),
    trap: 'Lines that cross are not cut there; an edge that several have stays once.',
    evaluate: ([lines]) => {
      const paths = every(lines, pathOf);
      return geometry(paths && linesUnion(paths));
    },
    examples: [
      [`geo_union_lines_array(pack_array(${street}, ${street})).type`, 'LineString'],
      [`geo_union_lines_array(pack_array(${street}, ${far})).type`, 'MultiLineString'],
      [`isnull(geo_union_lines_array(pack_array(${street}, ${brokenLine})))`, true],
    ],
  }),
];
