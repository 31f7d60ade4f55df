import { hosted } from '../../entry.js';
import { docs, geometry, number } from './arguments.js';
import { closestOf, pathOf, regionOf } from './regions.js';
import { location, pointShape } from './shapes.js';
import { angle, earthRadius } from './vector.js';

const park =
  'dynamic({"type":"Polygon","coordinates":[[[-73.9495,40.7969],[-73.95807266235352,40.80068603561921],[-73.98201942443848,40.76825672305777],[-73.97317886352539,40.76455136505513],[-73.9495,40.7969]]]})';
const road =
  'dynamic({"type":"LineString","coordinates":[[-115.115385,36.229195],[-115.136995,36.200366],[-115.140252,36.192470],[-115.143558,36.188523],[-115.144076,36.181954],[-115.154662,36.174483],[-115.166431,36.176388],[-115.183289,36.175007],[-115.192612,36.176736],[-115.202485,36.173439],[-115.225355,36.174365]]})';
const broken = 'dynamic({"type": "Polygon","coordinates": [[[0,0],[10,10],[10,10],[0,0]]]})';

/** A point and a shape: whether, how far, and where. */
export const geoRelations = [
  hosted({
    name: 'geo_point_in_polygon',
    docs: docs('geo_point_in_polygon'),
    trap: 'A polygon need not contain its vertices: of neighbours exactly one contains a point of their border.',
    evaluate: ([lng, lat, polygon]) => {
      const [at, region] = [location(lng, lat), regionOf(polygon)];
      return at && region ? region.contains(at) : null;
    },
    examples: [
      [`geo_point_in_polygon(-73.965, 40.7825, ${park})`, true],
      [`geo_point_in_polygon(-73.9839, 40.7705, ${park})`, false],
      [
        'geo_point_in_polygon(5, 5, dynamic({"type":"Polygon","coordinates":[[[0,0],[10,0],[10,10],[0,10],[0,0]],[[4,4],[4,6],[6,6],[6,4],[4,4]]]}))',
        false,
      ],
      [`geo_point_in_polygon(200, 1, ${park})`, null],
      [`geo_point_in_polygon(1, 1, ${broken})`, null],
    ],
  }),
  hosted({
    name: 'geo_distance_point_to_polygon',
    docs: docs('geo_distance_point_to_polygon'),
    evaluate: ([lng, lat, polygon]) => {
      const [at, region] = [location(lng, lat), regionOf(polygon)];
      if (!at || !region) return null;
      return region.contains(at) ? 0 : angle(at, closestOf(at, region.edges)) * earthRadius;
    },
    examples: [
      [`round(geo_distance_point_to_polygon(-73.9839, 40.7705, ${park}), 6)`, 259.940756],
      [`geo_distance_point_to_polygon(-73.965, 40.7825, ${park})`, 0],
      [`geo_distance_point_to_polygon(500, 1, ${park})`, null],
      [`geo_distance_point_to_polygon(1, 1, ${broken})`, null],
    ],
  }),
  hosted({
    name: 'geo_distance_point_to_line',
    docs: docs('geo_distance_point_to_line'),
    evaluate: ([lng, lat, line]) => {
      const [at, path] = [location(lng, lat), pathOf(line)];
      return at && path ? angle(at, closestOf(at, path.edges)) * earthRadius : null;
    },
    examples: [
      [`round(geo_distance_point_to_line(-115.199625, 36.210419, ${road}), 6)`, 3797.888873],
      ['geo_distance_point_to_line(1, 1, dynamic({"type":"LineString"}))', null],
      ['geo_distance_point_to_line(300, 3, dynamic({"type":"LineString","coordinates":[[1,1],[2,2]]}))', null],
    ],
  }),
  hosted({
    name: 'geo_closest_point_on_line',
    docs: docs('geo_closest_point_on_line'),
    evaluate: ([lng, lat, line]) => {
      const [at, path] = [location(lng, lat), pathOf(line)];
      return geometry(at && path ? pointShape(closestOf(at, path.edges)) : undefined);
    },
    examples: [
      [`round(toreal(geo_closest_point_on_line(-115.199625, 36.210419, ${road}).coordinates[0]), 9)`, -115.192612],
      ['isnull(geo_closest_point_on_line(1, 1, dynamic({"type":"LineString"})))', true],
    ],
  }),
  hosted({
    name: 'geo_closest_point_on_polygon',
    docs: docs('geo_closest_point_on_polygon'),
    trap: 'A point within the polygon is its own closest point.',
    evaluate: ([lng, lat, polygon]) => {
      const [at, region] = [location(lng, lat), regionOf(polygon)];
      if (!at || !region) return null;
      if (region.contains(at)) return geometry({ type: 'Point', coordinates: [number(lng), number(lat)] });
      return geometry(pointShape(closestOf(at, region.edges)));
    },
    examples: [
      [`round(toreal(geo_closest_point_on_polygon(-73.9839, 40.7705, ${park}).coordinates[0]), 9)`, -73.98120558],
      [`round(toreal(geo_closest_point_on_polygon(-73.9839, 40.7705, ${park}).coordinates[1]), 9)`, 40.769359453],
      [`isnull(geo_closest_point_on_polygon(500, 1, ${park}))`, true],
    ],
  }),
];
