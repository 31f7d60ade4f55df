import { createRequire } from 'node:module';
import { hosted } from '../../entry.js';
import { docs, geometry, optional, text } from './arguments.js';
import { location, pointShape, polygonShape } from './shapes.js';
import type { Point } from './vector.js';

let library: typeof import('s2js') | undefined;
/** Loaded when a query first needs it. */
export function s2(): typeof import('s2js')['s2'] {
  library ??= createRequire(import.meta.url)('s2js') as typeof import('s2js');
  return library.s2;
}

/** A point of the library is a point of ours: both are unit vectors. */
export const toS2 = ([x, y, z]: Point) => new (s2().Point)(x, y, z);
const fromS2 = ({ vector }: { vector: { x: number; y: number; z: number } }): Point => [vector.x, vector.y, vector.z];

export const cellAt = (p: Point, level: number): bigint => s2().cellid.parent(s2().cellid.fromPoint(toS2(p)), level);

/** The corners of a cell, counterclockwise. */
export function corners(cell: bigint): Point[] {
  const c = s2().Cell.fromCellID(cell);
  return [0, 1, 2, 3].map((k) => fromS2(c.vertex(k)));
}

function cellOf(token: string): bigint | undefined {
  if (!/^[0-9a-f]{1,16}$/i.test(token)) return undefined;
  const cell = s2().cellid.fromToken(token);
  return s2().cellid.valid(cell) ? cell : undefined;
}

/**
 * Kusto gives the neighbours in an order of its own: the documentation and the emulator differ. This is the emulator's for
 * 89c259, as places in the order of the library.
 */
const order = [7, 5, 4, 2, 6, 1, 3, 0];

function neighbours(cell: bigint): string[] {
  const { allNeighbors, level, toToken } = s2().cellid;
  const all = allNeighbors(cell, level(cell));
  const ordered = all.length === order.length ? order.map((i) => all[i]!) : all;
  return [...new Set(ordered.map(toToken))];
}

export const geoS2 = [
  hosted({
    name: 'geo_point_to_s2cell',
    docs: docs('geo_point_to_s2cell'),
    evaluate: (args) => {
      const at = location(args[0], args[1]);
      const level = optional(args, 2, 11, 0, 30);
      return at && level !== undefined ? s2().cellid.toToken(cellAt(at, level)) : '';
    },
    examples: [
      ['geo_point_to_s2cell(-80.195829, 25.802215, 8)', '88d9b'],
      ['geo_point_to_s2cell(10.6842, 53, 8)', '47ae3'],
      ['geo_point_to_s2cell(300, 1, 8)', ''],
      ['geo_point_to_s2cell(1, 1, 35)', ''],
      ['geo_point_to_s2cell(1, 1, int(null))', ''],
    ],
  }),
  hosted({
    name: 'geo_s2cell_to_central_point',
    docs: docs('geo_s2cell_to_central_point'),
    evaluate: ([token]) => {
      const cell = cellOf(text(token));
      return geometry(cell === undefined ? undefined : pointShape(fromS2(s2().cellid.point(cell))));
    },
    examples: [
      ['round(toreal(geo_s2cell_to_central_point("1234567").coordinates[0]), 10)', 9.8683073185],
      ['round(toreal(geo_s2cell_to_central_point("1234567").coordinates[1]), 10)', 27.4683929258],
      ['isnull(geo_s2cell_to_central_point("a"))', true],
    ],
  }),
  hosted({
    name: 'geo_s2cell_to_polygon',
    docs: docs('geo_s2cell_to_polygon'),
    evaluate: ([token]) => {
      const cell = cellOf(text(token));
      return geometry(cell === undefined ? undefined : polygonShape([[corners(cell)]]));
    },
    examples: [
      ['array_length(geo_s2cell_to_polygon("89c259").coordinates[0])', 5],
      ['round(toreal(geo_s2cell_to_polygon("89c259").coordinates[0][0][0]), 10)', -74.0300122498],
      ['round(toreal(geo_s2cell_to_polygon("89c259").coordinates[0][2][1]), 10)', 40.7088804898],
      ['isnull(geo_s2cell_to_polygon("a"))', true],
    ],
  }),
  hosted({
    name: 'geo_s2cell_neighbors',
    docs: docs('geo_s2cell_neighbors'),
    trap: 'The order of Kusto is not documented for cells in general.',
    evaluate: ([token]) => {
      const cell = cellOf(text(token));
      return cell === undefined ? null : neighbours(cell);
    },
    examples: [
      [
        "array_sort_asc(geo_s2cell_neighbors('89c259'))",
        ['89c251', '89c257', '89c25b', '89c25d', '89c25f', '89c2f5', '89c2f7', '89c2f9'],
      ],
      ["isnull(geo_s2cell_neighbors('a'))", true],
    ],
  }),
];
