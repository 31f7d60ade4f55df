import { hosted } from '../../entry.js';
import { docs, number, optional } from './arguments.js';
import { h3 } from './h3.js';
import { closestOf, type Path, pathOf, Region, regionOf } from './regions.js';
import { corners, s2 } from './s2.js';
import { type Edge, ringEdges, signedArea } from './shapes.js';
import { angle, closest, crossing, earthRadius, type Point, plus, pointOf, positionOf, unit } from './vector.js';

const mostS2Cells = 65536;
const mostH3Cells = 61680;

/** The angle between two edges: none when they cross. */
function apart(e: Edge, f: Edge): number {
  if (crossing(...e, ...f)) return 0;
  const ends: [Point, Edge][] = [
    [e[0], f],
    [e[1], f],
    [f[0], e],
    [f[1], e],
  ];
  return Math.min(...ends.map(([p, [a, b]]) => angle(p, closest(p, a, b))));
}

/**
 * The cells of a level that a shape or what is near it meets, in the order of the Hilbert curve. Undefined when there are
 * too many. The border of a cell belongs to it.
 */
function cover(shape: Region | Path, level: number, metres: number): string[] | undefined {
  // No cell is larger than these metrics of S2: a shape that needs more of them is not begun.
  const area = shape instanceof Region ? Math.max(...shape.polygons.map((p) => Math.abs(signedArea(p[0]!)))) : 0;
  const holes = shape instanceof Region ? shape.polygons.flatMap((p) => p.slice(1).map(signedArea)) : [];
  const long = shape.edges.length ? Math.max(...shape.edges.map(([a, b]) => angle(a, b))) : 0;
  const solid = area - holes.reduce((sum, h) => sum + Math.abs(h), 0);
  if (solid / (2.636 * 4 ** -level) > mostS2Cells || long / (2.439 * 2 ** -level) > mostS2Cells) return undefined;
  const radius = metres / earthRadius + 1e-15;
  const { cellid } = s2();
  const found: bigint[] = [];
  const within = (p: Point) => shape instanceof Region && shape.contains(p);

  const visit = (cell: bigint, edges: readonly Edge[]): boolean => {
    const quad = corners(cell);
    const centre = unit(quad.reduce(plus));
    const reach = Math.max(...quad.map((q) => angle(centre, q))) + radius;
    const sides = ringEdges(quad);
    const body = new Region([[quad]]);
    const near = edges.filter(([a, b]) => {
      const far = angle(centre, closest(centre, a, b));
      if (far > reach) return false;
      return body.contains(a) || sides.some((s) => apart(s, [a, b]) <= radius);
    });
    const at = cellid.level(cell);
    if (near.length === 0 && !within(centre)) return true;
    if (at === level) return found.push(cell) <= mostS2Cells;
    if (near.length === 0 && 4 ** (level - at) > mostS2Cells) return false;
    return cellid.children(cell).every((child) => visit(child, near));
  };
  for (let face = 0; face < 6; face++) if (!visit(cellid.fromFace(face), shape.edges)) return undefined;
  return found.map(cellid.toToken);
}

/** Cells whose centre lies in the polygon, its edges straight on the map, or within the radius of it on the sphere. */
function h3Cells(region: Region, resolution: number, metres: number): string[] | undefined {
  const cells = new Set<string>();
  const radius = metres / earthRadius;
  const cell = h3().getHexagonAreaAvg(resolution, 'm2');
  for (const rings of region.polygons) {
    const positions = rings.map((ring) => [...ring, ring[0]!].map((p) => [...positionOf(p)]));
    const [xs, ys] = [0, 1].map((k) => positions[0]!.map((p) => p[k]!)) as [number[], number[]];
    const wide = (Math.max(...xs) - Math.min(...xs)) * Math.cos((Math.min(...ys.map(Math.abs)) * Math.PI) / 180);
    const box = wide * (Math.max(...ys) - Math.min(...ys)) * 111_195 ** 2;
    if (box / cell > 64 * mostH3Cells) return undefined;
    for (const c of h3().polygonToCells(positions, resolution, true)) cells.add(c);
    if (cells.size > mostH3Cells) return undefined;
  }
  // Kusto lists them from the far end.
  if (radius === 0) return [...cells].reverse();
  // Outwards from the cells at the border, as long as centres are near enough.
  const open = new Set(cells);
  const step = h3().getHexagonEdgeLengthAvg(resolution, 'm') * 1.2;
  for (const [a, b] of region.edges) {
    const count = Math.ceil((angle(a, b) * earthRadius) / step);
    for (let i = 0; i <= count; i++) {
      const [lng, lat] = positionOf(unit(plus(mul(a, count - i + 1e-9), mul(b, i + 1e-9))));
      open.add(h3().latLngToCell(lat, lng, resolution));
    }
  }
  const seen = new Set(open);
  const queue = [...open];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const [lat, lng] = h3().cellToLatLng(next);
    const centre = pointOf([lng!, lat!]);
    const inside = cells.has(next) || region.contains(centre);
    if (!inside && angle(centre, closestOf(centre, region.edges)) > radius) continue;
    cells.add(next);
    if (cells.size > mostH3Cells) return undefined;
    for (const n of h3().gridDisk(next, 1)) {
      if (!seen.has(n)) queue.push(n);
      seen.add(n);
    }
  }
  return [...cells];
}

const mul = ([x, y, z]: Point, k: number): Point => [x * k, y * k, z * k];

const radiusOf = (args: readonly Parameters<typeof number>[0][]) =>
  args.length <= 2 ? 0 : (number(args[2]) ?? Number.NaN);

const triangle = 'dynamic({"type":"Polygon","coordinates":[[[0,0],[0,50],[100,50],[0,0]]]})';
const madrid =
  'dynamic({"type":"Polygon","coordinates":[[[-3.659,40.553],[-3.913,40.409],[-3.729,40.273],[-3.524,40.440],[-3.659,40.553]]]})';
const bridge = 'dynamic({"type":"LineString","coordinates":[[-0.087152,51.509596],[-0.088340,51.506110]]})';

export const geoCoverings = [
  hosted({
    name: 'geo_polygon_to_s2cells',
    docs: docs('geo_polygon_to_s2cells'),
    trap: 'Null for more than 65,536 cells. In the order of the curve of S2, which Kusto does not promise.',
    evaluate: (args) => {
      const [region, level, radius] = [regionOf(args[0]), optional(args, 1, 11, 0, 30), radiusOf(args as never)];
      return region && level !== undefined && radius >= 0 ? (cover(region, level, radius) ?? null) : null;
    },
    examples: [
      [`array_length(geo_polygon_to_s2cells(${triangle}, 5))`, 286],
      [`isnull(geo_polygon_to_s2cells(${triangle}, 30))`, true],
      [`set_has_element(geo_polygon_to_s2cells(${madrid}, 12), geo_point_to_s2cell(-3.7, 40.42, 12))`, true],
      [`set_has_element(geo_polygon_to_s2cells(${madrid}, 14, 5000), geo_point_to_s2cell(-3.48, 40.45, 14))`, true],
    ],
  }),
  hosted({
    name: 'geo_line_to_s2cells',
    docs: docs('geo_line_to_s2cells'),
    trap: 'Null for more than 65,536 cells. In the order of the curve of S2, which Kusto does not promise.',
    evaluate: (args) => {
      const [path, level, radius] = [pathOf(args[0]), optional(args, 1, 11, 0, 30), radiusOf(args as never)];
      return path && level !== undefined && radius >= 0 ? (cover(path, level, radius) ?? null) : null;
    },
    examples: [
      [`set_has_element(geo_line_to_s2cells(${bridge}, 16), geo_point_to_s2cell(-0.087152, 51.509596, 16))`, true],
      [
        `set_has_element(geo_line_to_s2cells(${bridge}, 14, 500), geo_point_to_s2cell(-0.08492752160134387, 51.504876316440914, 14))`,
        true,
      ],
      ['isnull(geo_line_to_s2cells(dynamic({"type":"LineString","coordinates":[[[0,0],[0,0]]]})))', true],
    ],
  }),
  hosted({
    name: 'geo_polygon_to_h3cells',
    docs: docs('geo_polygon_to_h3cells'),
    approximate:
      'with a radius, cells whose centre lies within a few metres of the border of the widened polygon may differ',
    trap: 'Edges are straight on the map here. Null for more than 61,680 cells. The order is not that of Kusto.',
    evaluate: (args) => {
      const [region, resolution, radius] = [regionOf(args[0]), optional(args, 1, 6, 0, 15), radiusOf(args as never)];
      return region && resolution !== undefined && radius >= 0 ? (h3Cells(region, resolution, radius) ?? null) : null;
    },
    examples: [
      [
        `array_sort_asc(geo_polygon_to_h3cells(${madrid}))`,
        [
          '86390ca07ffffff',
          '86390ca27ffffff',
          '86390ca2fffffff',
          '86390ca37ffffff',
          '86390cb07ffffff',
          '86390cb0fffffff',
          '86390cb17ffffff',
          '86390cb1fffffff',
          '86390cb57ffffff',
          '86390cb87ffffff',
          '86390cb8fffffff',
          '86390cba7ffffff',
          '86390cbafffffff',
        ],
      ],
      [`array_length(geo_polygon_to_h3cells(${madrid}, 6, 100000)) > 1000`, true],
      ['isnull(geo_polygon_to_h3cells(dynamic({"type":"Polygon","coordinates":[[[0,0],[1,1]]]})))', true],
    ],
  }),
];
