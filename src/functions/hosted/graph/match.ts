import type { Host, HostedValue } from '../../entry.js';
import { type HostedOperation, tooMuch } from '../operation.js';
import { Graph, graphColumns } from './graph.js';
import type { MatchOutput, MatchSettings } from './pattern.js';
import { type Found, Search } from './search.js';
import { shortestPaths } from './shortest-paths.js';

const mostMatches = 1_000_000;

/** Finds a pattern in a graph: a row for each way to place it. */
export const graphMatch: HostedOperation = {
  name: 'graph-match',
  async run(table, settings, host: Host) {
    const pattern = settings as MatchSettings;
    const graph = await Graph.of(table, host);
    const found = pattern.shortest ? shortestPaths(graph, pattern) : new Search(graph, pattern).run();
    const rows: HostedValue[][] = [];
    for (const match of found) {
      if (match) {
        rows.push(pattern.outputs.map((o) => answer(o, match, graph)));
        if (rows.length > mostMatches)
          return tooMuch('graph-match', `more than ${mostMatches} matches`, 'narrow the pattern or its where clause');
      }
      await host.breathe();
    }
    return rows;
  },
};

function answer(output: MatchOutput, match: Found, graph: Graph): HostedValue {
  if (output.of === 'node') return graph.nodes[match.nodes[output.at]!]![graphColumns.from]!;
  const path = match.paths[output.at]!;
  if (output.of === 'edge') return graph.edges[path.edges[0]!]!.row[graphColumns.id]!;
  const rows = output.inner
    ? path.nodes.slice(1, -1).map((n) => graph.nodes[n]!)
    : path.edges.map((e) => graph.edges[e]!.row);
  const values = rows.map((row) => row[output.column]);
  if (output.of === 'all') return values.every((v) => v === true);
  if (output.of === 'any') return values.some((v) => v === true);
  // Values come wrapped, so that texts keep apart from what they might be read as.
  return values.map((v) => (v as readonly HostedValue[])[0] ?? null);
}
