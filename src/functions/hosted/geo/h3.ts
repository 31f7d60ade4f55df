import { createRequire } from 'node:module';
import { hosted } from '../../entry.js';
import { docs, geometry, optional, text } from './arguments.js';
import { location, type Shape } from './shapes.js';

let library: typeof import('h3-js') | undefined;
/** Loaded when a query first needs it: it takes 35 ms. */
export function h3(): typeof import('h3-js') {
  library ??= createRequire(import.meta.url)('h3-js') as typeof import('h3-js');
  return library;
}

/** The cell as h3 writes it, or undefined for text that names none. */
function cellOf(token: string): string | undefined {
  return /^[0-9a-f]{15,16}$/i.test(token) && h3().isValidCell(token) ? token.toLowerCase() : undefined;
}

const centre = (cell: string): Shape => {
  const [latitude, longitude] = h3().cellToLatLng(cell);
  return { type: 'Point', coordinates: [longitude, latitude] };
};

export const geoH3 = [
  hosted({
    name: 'geo_point_to_h3cell',
    docs: docs('geo_point_to_h3cell'),
    evaluate: (args) => {
      const [lng, lat] = args;
      const resolution = optional(args, 2, 6, 0, 15);
      if (resolution === undefined || !location(lng, lat)) return '';
      return h3().latLngToCell(Number(lat), Number(lng), resolution);
    },
    examples: [
      ['geo_point_to_h3cell(-74.04450446039874, 40.689250859314974, 6)', '862a1072fffffff'],
      ['geo_point_to_h3cell(-73.956683, 40.807907, 5)', '852a100bfffffff'],
      ['geo_point_to_h3cell(300, 1, 8)', ''],
      ['geo_point_to_h3cell(1, 1, 16)', ''],
      ['geo_point_to_h3cell(1, 1, int(null))', ''],
    ],
  }),
  hosted({
    name: 'geo_h3cell_to_central_point',
    docs: docs('geo_h3cell_to_central_point'),
    evaluate: ([token]) => {
      const cell = cellOf(text(token));
      return geometry(cell ? centre(cell) : undefined);
    },
    examples: [
      ['round(toreal(geo_h3cell_to_central_point("862a1072fffffff").coordinates[0]), 10)', -74.0160084798],
      ['round(toreal(geo_h3cell_to_central_point("862a1072fffffff").coordinates[1]), 10)', 40.7041679084],
      ['isnull(geo_h3cell_to_central_point("1"))', true],
    ],
  }),
  hosted({
    name: 'geo_h3cell_to_polygon',
    docs: docs('geo_h3cell_to_polygon'),
    evaluate: ([token]) => {
      const cell = cellOf(text(token));
      return geometry(cell ? { type: 'Polygon', coordinates: [h3().cellToBoundary(cell, true)] } : undefined);
    },
    examples: [
      ['array_length(geo_h3cell_to_polygon("862a1072fffffff").coordinates[0])', 7],
      ['round(toreal(geo_h3cell_to_polygon("862a1072fffffff").coordinates[0][0][0]), 10)', -74.0022744646],
      ['round(toreal(geo_h3cell_to_polygon("862a1072fffffff").coordinates[0][1][1]), 10)', 40.7279862225],
      ['isnull(geo_h3cell_to_polygon("@"))', true],
    ],
  }),
  hosted({
    name: 'geo_h3cell_level',
    docs: docs('geo_h3cell_level'),
    evaluate: ([token]) => {
      const cell = cellOf(text(token));
      return cell ? h3().getResolution(cell) : null;
    },
    examples: [
      ["geo_h3cell_level('862a1072fffffff')", 6],
      ['geo_h3cell_level(geo_point_to_h3cell(1, 1, 10))', 10],
      ["geo_h3cell_level('abc')", null],
    ],
  }),
  hosted({
    name: 'geo_h3cell_parent',
    docs: docs('geo_h3cell_parent'),
    trap: 'Empty for a resolution finer than that of the cell, and for the parent of a cell of resolution 0.',
    evaluate: (args) => {
      const cell = cellOf(text(args[0]));
      if (!cell) return '';
      const own = h3().getResolution(cell);
      const resolution = optional(args, 1, own - 1, 0, Math.min(own, 14));
      return resolution === undefined || resolution < 0 ? '' : h3().cellToParent(cell, resolution);
    },
    examples: [
      ["geo_h3cell_parent('862a1072fffffff')", '852a1073fffffff'],
      ["geo_h3cell_parent('862a1072fffffff', 1)", '812a3ffffffffff'],
      ["geo_h3cell_parent('123')", ''],
      ["geo_h3cell_parent('862a1072fffffff', 100)", ''],
      ["geo_h3cell_parent('862a1072fffffff', 15)", ''],
    ],
  }),
  hosted({
    name: 'geo_h3cell_children',
    docs: docs('geo_h3cell_children'),
    trap: 'Null for children that are more than five levels below.',
    evaluate: (args) => {
      const cell = cellOf(text(args[0]));
      if (!cell) return null;
      const own = h3().getResolution(cell);
      const resolution = optional(args, 1, own + 1, Math.max(own, 1), Math.min(own + 5, 15));
      return resolution === undefined || resolution > 15 ? null : h3().cellToChildren(cell, resolution);
    },
    examples: [
      [
        "geo_h3cell_children('862a1072fffffff')",
        [
          '872a10728ffffff',
          '872a10729ffffff',
          '872a1072affffff',
          '872a1072bffffff',
          '872a1072cffffff',
          '872a1072dffffff',
          '872a1072effffff',
        ],
      ],
      ["array_length(geo_h3cell_children('862a1072fffffff', 9))", 343],
      ["isnull(geo_h3cell_children('abc'))", true],
      ['isnull(geo_h3cell_children(geo_point_to_h3cell(1, 1, 9), 15))', true],
    ],
  }),
  hosted({
    name: 'geo_h3cell_neighbors',
    docs: docs('geo_h3cell_neighbors'),
    evaluate: ([token]) => {
      const cell = cellOf(text(token));
      return cell ? h3().gridDiskDistances(cell, 1)[1]! : null;
    },
    examples: [
      [
        "geo_h3cell_neighbors('862a1072fffffff')",
        [
          '862a10727ffffff',
          '862a10707ffffff',
          '862a1070fffffff',
          '862a10777ffffff',
          '862a100dfffffff',
          '862a100d7ffffff',
        ],
      ],
      ["isnull(geo_h3cell_neighbors('abc'))", true],
    ],
  }),
  hosted({
    name: 'geo_h3cell_rings',
    docs: docs('geo_h3cell_rings'),
    evaluate: (args) => {
      const cell = cellOf(text(args[0]));
      const distance = optional(args, 1, Number.NaN, 0, 142);
      return cell && distance !== undefined ? h3().gridDiskDistances(cell, distance) : null;
    },
    examples: [
      ["geo_h3cell_rings('861f8894fffffff', 0)", [['861f8894fffffff']]],
      [
        "geo_h3cell_rings('861f8894fffffff', 2)[1]",
        [
          '861f88947ffffff',
          '861f8895fffffff',
          '861f88867ffffff',
          '861f8d497ffffff',
          '861f8d4b7ffffff',
          '861f8896fffffff',
        ],
      ],
      ["geo_h3cell_rings('861f8894fffffff', 2)[2][3]", '861f8882fffffff'],
      ["isnull(geo_h3cell_rings('abc', 3))", true],
      ["isnull(geo_h3cell_rings('861f8894fffffff', 150))", true],
    ],
  }),
];
