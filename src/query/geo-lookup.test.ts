import { describe, expect, it } from 'vitest';
import { openAnswers } from './testing/index.js';

const { answer } = openAnswers();

const tables = `
let areas = datatable(area:string, shape:dynamic)[
  "square", dynamic({"type":"Polygon","coordinates":[[[0,0],[2,0],[2,2],[0,2],[0,0]]]}),
  "wide", dynamic({"type":"Polygon","coordinates":[[[1,0],[9,0],[9,2],[1,2],[1,0]]]})];
let roads = datatable(road:string, line:dynamic)["equator", dynamic({"type":"LineString","coordinates":[[0,0],[10,0]]})];
let points = datatable(p:string, lng:real, lat:real)["a", 0.5, 1, "b", 1.5, 1, "c", 9.1, 1, "d", 50, 50];
points | evaluate `;

const rows = async (plugin: string) => (await answer(`${tables}${plugin}`)).rows;

// One degree of the equator is 111,195 m on the sphere of 6,371,010 m.
describe('lookups by shape', () => {
  it('gives a row for each polygon around a point, without its shape', async () => {
    const { columns, rows } = await answer(
      `${tables}geo_polygon_lookup(areas, shape, lng, lat) | sort by p asc, area asc`,
    );
    expect(columns.map((c) => c.name)).toEqual(['p', 'lng', 'lat', 'area']);
    expect(rows.map((r) => [r[0], r[3]])).toEqual([
      ['a', 'square'],
      ['b', 'square'],
      ['b', 'wide'],
    ]);
  });

  it('takes points near a polygon when it is given a radius, and keeps the others when told to', async () => {
    const options = 'radius = 15000, return_unmatched = true, return_lookup_key = true';
    expect(
      await rows(
        `geo_polygon_lookup(areas, shape, lng, lat, ${options}) | sort by p asc, area asc | project p, area, isnull(shape)`,
      ),
    ).toEqual([
      ['a', 'square', false],
      ['b', 'square', false],
      ['b', 'wide', false],
      ['c', 'wide', false],
      ['d', '', true],
    ]);
  });

  it('takes points within a distance of a line', async () => {
    expect(await rows('geo_line_lookup(roads, line, lng, lat, 111000) | count')).toEqual([[0]]);
    expect(
      await rows(
        'geo_line_lookup(roads, line, lng, lat, 112000, return_unmatched = true) | summarize count() by road | sort by road asc',
      ),
    ).toEqual([
      ['', 1],
      ['equator', 3],
    ]);
  });
});
