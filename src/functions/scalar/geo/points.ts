import { type Sql, sql } from '../../../sql/index.js';
import { bind } from '../../bind.js';
import { type Arg, type EmitContext, scalar } from '../../entry.js';

const docs = (name: string) => `https://learn.microsoft.com/kusto/query/${name.replaceAll('_', '-')}-function`;

/** Kusto's sphere: its documented distances divided by their angles give 6,371,010 m. */
const radius = sql`6371010`;

const real = (x: Arg, cx: EmitContext): Sql =>
  x.type === 'real' || x.type === 'long' || x.type === 'int' || x.type === 'decimal'
    ? sql`toFloat64(${x.sql})`
    : cx.refuse(`a ${x.type} is no coordinate`, 'convert it with toreal()');

/** Coordinates as radians, longitude and latitude in turn, and whether all are valid. */
function withRadians(args: readonly Sql[], body: (radians: readonly Sql[], valid: Sql) => Sql): Sql {
  const bound = (rest: readonly Sql[], done: readonly Sql[]): Sql => {
    const [first, ...more] = rest;
    if (first) return bind(first, `g${done.length}`, (v) => bound(more, [...done, v]));
    const valid = done.map((v, i) => sql`abs(${v}) <= ${i % 2 === 0 ? sql`180` : sql`90`}`);
    return body(
      done.map((v) => sql`radians(${v})`),
      valid.reduce((a, b) => sql`${a} AND ${b}`),
    );
  };
  return bound(args, []);
}

/** The haversine of the angle between two points: precise for near ones. */
const haversine = ([x1, y1, x2, y2]: readonly Sql[]): Sql =>
  sql`least(1, pow(sin((${y2!} - ${y1!}) / 2), 2) + cos(${y1!}) * cos(${y2!}) * pow(sin((${x2!} - ${x1!}) / 2), 2))`;

const metres = (h: Sql): Sql => bind(h, 'h', (v) => sql`2 * ${radius} * atan2(sqrt(${v}), sqrt(1 - ${v}))`);

/** Clockwise from north, within [0, 2 pi). */
const bearing = ([x1, y1, x2, y2]: readonly Sql[]): Sql =>
  sql`positiveModulo(atan2(sin(${x2!} - ${x1!}) * cos(${y2!}), cos(${y1!}) * sin(${y2!}) - sin(${y1!}) * cos(${y2!}) * cos(${x2!} - ${x1!})), 2 * pi())`;

/** Neither equal nor antipodal: between such points no direction is defined. */
const apart = (p: readonly Sql[]): Sql => sql`${haversine(p)} > 0 AND ${haversine(p)} < 1`;

export const geoPoints = [
  scalar({
    name: 'geo_distance_2points',
    nulls: 'possible',
    docs: docs('geo_distance_2points'),
    trap: 'On a sphere of 6,371,010 m.',
    emit: ([a, b, c, d, spheroid], cx) => {
      if (spheroid && spheroid.literal !== false)
        cx.refuse('use_spheroid is not supported', 'leave it out: the distance on the sphere is within 0.6 %');
      return withRadians(
        [a!, b!, c!, d!].map((x) => real(x, cx)),
        (p, valid) => sql`if(${valid}, ${metres(haversine(p))}, NULL)`,
      );
    },
    examples: [
      ['round(geo_distance_2points(-122.407628, 47.578557, -118.275287, 34.019056), 4)', 1546754.352],
      ['geo_distance_2points(300, 1, 1, 1)', null],
      ['geo_distance_2points(1, 1, 1, 1)', 0],
    ],
  }),
  scalar({
    name: 'geo_azimuth',
    nulls: 'possible',
    docs: docs('geo_azimuth'),
    trap: 'Null between equal and between antipodal points.',
    emit: (args, cx) =>
      withRadians(
        args.map((x) => real(x, cx)),
        (p, valid) => sql`if(${valid} AND ${apart(p)}, ${bearing(p)}, NULL)`,
      ),
    examples: [
      ['round(geo_azimuth(5, 10, 10, -40), 10)', 3.054599398],
      ['isnull(geo_azimuth(5, 10, 5, 10))', true],
    ],
  }),
  scalar({
    name: 'geo_angle',
    nulls: 'possible',
    docs: docs('geo_angle'),
    trap: 'Clockwise from the direction of the first point to that of the third, both as seen from the second.',
    emit: (args, cx) =>
      withRadians(
        args.map((x) => real(x, cx)),
        ([x1, y1, x2, y2, x3, y3], valid) => {
          const back = [x2!, y2!, x1!, y1!];
          const on = [x2!, y2!, x3!, y3!];
          return sql`if(${valid} AND ${apart(back)} AND ${apart(on)}, positiveModulo(${bearing(on)} - ${bearing(back)}, 2 * pi()), NULL)`;
        },
      ),
    examples: [
      ['round(geo_angle(0, 10, 0, 5, 3, -10), 10)', 2.9449384341],
      ['isnull(geo_angle(0, 10, 0, 10, 3, -10))', true],
    ],
  }),
  scalar({
    name: 'geo_point_in_circle',
    nulls: 'possible',
    docs: docs('geo_point_in_circle'),
    trap: 'Null for a radius that is not positive.',
    emit: ([a, b, c, d, r], cx) => {
      const within = real(r!, cx);
      return withRadians(
        [a!, b!, c!, d!].map((x) => real(x, cx)),
        (p, valid) => sql`if(${valid} AND ${within} > 0, toBool(${metres(haversine(p))} <= ${within}), NULL)`,
      );
    },
    examples: [
      ['geo_point_in_circle(-122.143564, 47.535677, -122.100896, 47.527351, 3500)', true],
      ['geo_point_in_circle(-122.137575, 47.630683, -122.100896, 47.527351, 3500)', false],
      ['geo_point_in_circle(200, 1, 1, 1, 1)', null],
      ['geo_point_in_circle(1, 1, 1, 1, -1)', null],
    ],
  }),
];
