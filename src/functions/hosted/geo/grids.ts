import { hosted } from '../../entry.js';
import { docs, geometry, text } from './arguments.js';
import { geohashCentre, geohashNeighbours, geohashOf, geohashPolygon } from './geohash.js';
import { location } from './shapes.js';
import { parseWkt } from './wkt.js';

export const geoGrids = [
  hosted({
    name: 'geo_point_to_geohash',
    docs: docs('geo_point_to_geohash'),
    evaluate: ([lng, lat, ...more]) => {
      const length = more.length ? Number(more[0] ?? Number.NaN) : 5;
      if (!location(lng, lat) || !(length >= 1 && length <= 18)) return '';
      return geohashOf(Number(lng), Number(lat), length);
    },
    examples: [
      ['geo_point_to_geohash(-80.195829, 25.802215, 8)', 'dhwfz15h'],
      ['geo_point_to_geohash(-122.303404, 47.570482)', 'c23n8'],
      ['geo_point_to_geohash(200, 1, 8)', ''],
      ['geo_point_to_geohash(1, 1, int(null))', ''],
    ],
  }),
  hosted({
    name: 'geo_geohash_to_central_point',
    docs: docs('geo_geohash_to_central_point'),
    evaluate: ([hash]) => geometry(geohashCentre(text(hash))),
    examples: [
      ['geo_geohash_to_central_point("sunny")', { type: 'Point', coordinates: [42.47314453125, 23.70849609375] }],
      ['isnull(geo_geohash_to_central_point("a"))', true],
    ],
  }),
  hosted({
    name: 'geo_geohash_to_polygon',
    docs: docs('geo_geohash_to_polygon'),
    evaluate: ([hash]) => geometry(geohashPolygon(text(hash))),
    examples: [
      ['geo_geohash_to_polygon("dr5ru").coordinates[0][0]', [-74.00390625, 40.7373046875]],
      ['geo_geohash_to_polygon("dr5ru").coordinates[0][2]', [-73.9599609375, 40.78125]],
      ['isnull(geo_geohash_to_polygon("a"))', true],
    ],
  }),
  hosted({
    name: 'geo_geohash_neighbors',
    docs: docs('geo_geohash_neighbors'),
    trap: 'The order is the emulator of Kusto: the documentation shows the same cells in another order.',
    evaluate: ([hash]) => geohashNeighbours(text(hash)) ?? null,
    examples: [
      ["geo_geohash_neighbors('sunny')", ['sunnv', 'sunnt', 'sunnw', 'sunnx', 'sunpp', 'sunnz', 'sunpn', 'sunpj']],
      ["isnull(geo_geohash_neighbors('a'))", true],
    ],
  }),
  hosted({
    name: 'geo_from_wkt',
    docs: docs('geo_from_wkt'),
    evaluate: ([wkt]) => geometry(parseWkt(text(wkt))),
    examples: [
      ['geo_from_wkt("POINT (1 2)")', { type: 'Point', coordinates: [1, 2] }],
      [
        'geo_from_wkt("LINESTRING (1 2, 3 4)").coordinates',
        [
          [1, 2],
          [3, 4],
        ],
      ],
      [
        'geo_from_wkt("MULTIPOINT (1 1, 2 2)").coordinates',
        [
          [1, 1],
          [2, 2],
        ],
      ],
      ['tostring(geo_from_wkt("POINT (1 2.5)"))', '{"type":"Point","coordinates":[1.0,2.5]}'],
      ['isnull(geo_from_wkt("LINESTRING"))', true],
    ],
  }),
];
