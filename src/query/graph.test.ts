import { describe, expect, it } from 'vitest';
import { openAnswers } from './testing/index.js';

const { rowsOf } = openAnswers();

const sorted = (rows: readonly unknown[]) => rows.map((r) => JSON.stringify(r)).sort();
const same = async (query: string, rows: readonly unknown[]) =>
  expect(sorted(await rowsOf(query))).toEqual(sorted(rows));

/** From the pages of map() and all(). */
const stations = `let connections = datatable(from_station:string, to_station:string, line:string) ["Central", "North", "red",
  "North", "Central", "red", "Central", "South", "red", "South", "Central", "red", "South", "South-West", "red",
  "South-West", "South", "red", "South-West", "West", "red", "West", "South-West", "red", "Central", "East", "blue",
  "East", "Central", "blue", "Central", "West", "blue", "West", "Central", "blue"];
  let stations = datatable(station:string, wifi:bool) ["Central", true, "North", false, "South", false,
    "South-West", true, "West", true, "East", false];`;
/** a -> b -> c -> a, and c -> d. */
const ring = 'let ring = datatable(s:string, d:string, w:long)["a","b",1, "b","c",2, "c","a",3, "c","d",4];';
const asGraph = 'ring | make-graph s --> d with_node_id=n';

describe('graphs', () => {
  it('visits no node twice without cycles, and knows the nodes within a path', () =>
    same(
      `${stations} connections | make-graph from_station --> to_station with stations on station
      | graph-match cycles=none (start)-[connections*1..5]->(destination)
        where start.station == "South-West" and destination.station == "East"
        project stopovers = strcat_array(map(inner_nodes(connections), station), "->"),
          wifi = set_intersect(map(inner_nodes(connections), station), map(inner_nodes(connections), iff(wifi, station, "")))`,
      [
        ['West->Central', ['West', 'Central']],
        ['South->Central', ['Central']],
      ],
    ));

  it('takes a shortest path of a pair, or all of them', async () => {
    const query = (output: string) => `${stations} connections
      | make-graph from_station --> to_station with_node_id=station
      | graph-shortest-paths output=${output} (start)-[connections*1..5]->(destination)
        where start.station == "South-West" and destination.station == "North"
        project path = map(connections, strcat(to_station, " (", line, ")"))`;
    const red = [['South (red)', 'Central (red)', 'North (red)']];
    const blue = [['West (red)', 'Central (blue)', 'North (red)']];
    await same(query('all'), [red, blue]);
    const [any] = await rowsOf(query('any'));
    expect([JSON.stringify(red), JSON.stringify(blue)]).toContain(JSON.stringify(any));
    await same(
      `${ring} ${asGraph} | graph-shortest-paths (x)-[e*1..9]->(y) where x.n == y.n project x.n, l = array_length(map(e, w))`,
      [
        ['a', 3],
        ['b', 3],
        ['c', 3],
      ],
    );
  });

  it('marks components by their edges in either direction, or in both', async () => {
    const pairs =
      'datatable(s:string, d:string)["a","b", "b","a", "b","c", "x","y"] | make-graph s --> d with_node_id=n';
    await same(`${pairs} | graph-mark-components | graph-to-table nodes | summarize c = count() by ComponentId`, [
      [0, 3],
      [1, 2],
    ]);
    await same(
      `${pairs} | graph-mark-components kind=strong with_component_id=c | graph-to-table nodes
        | summarize ns = strcat_array(array_sort_asc(make_list(n)), "") by c | project ns`,
      [['ab'], ['c'], ['x'], ['y']],
    );
  });

  it('goes round a cycle once by default, never, or as often as the length allows', async () => {
    const count = (cycles: string) => `${ring} ${asGraph} | graph-match cycles=${cycles} (x)-[e*4..6]->(y)
      where x.n == "a" project p = strcat_array(map(e, w), "")`;
    await same(count('unique_edges'), []);
    await same(count('none'), []);
    await same(count('all'), [['1231'], ['12312'], ['123123'], ['123124']]);
    await same(
      `${ring} ${asGraph} | graph-match (x)-[e*3..6]->(y) where x.n == "a" project p = strcat_array(map(e, w), "")`,
      [['123'], ['124']],
    );
  });

  it('reads an edge against its direction, in either, and paths of no length', async () => {
    await same(`${ring} ${asGraph} | graph-match (x)<-[e]-(y) where x.n == "a" project y.n, e.w`, [['c', 3]]);
    await same(`${ring} ${asGraph} | graph-match (x)-[e]-(y) where x.n == "a" project y.n, e.w`, [
      ['c', 3],
      ['b', 1],
    ]);
    await same(
      `${ring} ${asGraph} | graph-match (x)-[e*0..1]->(y) where x.n == "a" project y.n, p = map(e, w), all(e, w > 5)`,
      [
        ['a', [], true],
        ['b', [1], false],
      ],
    );
    await same(`${ring} ${asGraph} | graph-match (x)-[e*2..2]->(y)-[f]->(z) where y.n == "a" project p = e.w, f.w`, [
      [[2, 3], 1],
    ]);
  });

  it('asks a condition on a path of each of its edges, and joins sequences by their nodes', async () => {
    await same(`${ring} ${asGraph} | graph-match (x)-[e*1..3]->(y) where e.w >= 2 and x.n == "b" project y.n`, [
      ['c'],
      ['a'],
      ['d'],
    ]);
    await same(
      `${ring} ${asGraph} | graph-match (x)-[e]->(y), (y)-[f]->(z), (y)-[g]->(u)
        where f.w < g.w and strlen(x.n) + e.w == 3 project x.n, z.n, u.n`,
      [['b', 'a', 'd']],
    );
  });

  it('knows nodes of two tables, nodes of edges only, and degrees', async () => {
    const people = `datatable(s:string, d:string)["a","b", "b","x"]
      | make-graph s --> d with (datatable(id:string, v:string)["a","A", "b",""]) on id,
          (datatable(id:string, v:string, w:long)["b","B",2, "c","C",3]) on id`;
    await same(`${people} | graph-to-table nodes`, [
      ['a', 'A', null],
      ['b', 'B', 2],
      ['c', 'C', 3],
      ['x', '', null],
    ]);
    await same(
      `${people} | graph-match (m) where node_degree_in(m) + node_degree_out(m) != 1 project m.id, labels(m)`,
      [
        ['b', []],
        ['c', []],
      ],
    );
  });

  it('keeps the graphs of a partition apart', () =>
    same(
      `datatable(s:string, d:string, t:long)["a","b",1, "b","c",2, "b","d",1]
        | make-graph s --> d with_node_id=n partitioned-by t (graph-match (x)-[e*1..2]->(y) project x.n, y.n, p = map(e, t))`,
      [
        ['a', 'b', [1]],
        ['b', 'c', [2]],
        ['b', 'd', [1]],
        ['a', 'd', [1, 1]],
      ],
    ));

  it('travels through lets, and becomes tables with names', async () => {
    await same(
      `${ring} let g = ${asGraph}; g | graph-to-table nodes as N with_node_id=h, edges as E with_source_id=h;
        E | join kind=inner N on h | project n, w`,
      [
        ['a', 1],
        ['b', 2],
        ['c', 3],
        ['c', 4],
      ],
    );
  });

  it('refuses what would not be the answer', async () => {
    for (const query of [
      asGraph,
      `${asGraph} | graph-match (x)-->(y), (u)-->(v) project x.n`,
      `${asGraph} | graph-match (x)-[e*1..2]->(y) where all(e, s == x.n) project x.n`,
      `${asGraph} | graph-match (x)-[e*1..2]->(y) where e.w > strlen(x.n) project x.n`,
      `${asGraph} | graph-match cycles=none (x)-->(y)-->(x) project x.n`,
    ])
      await expect(rowsOf(`${ring} ${query}`)).rejects.toThrow();
  });
});
