import { minus, norm, type Point } from './vector.js';

/**
 * Pairs of edges whose boxes meet, each pair once: a sweep along the first axis. An edge bulges out of the box of its ends
 * by at most an eighth of its squared chord (a quarter covers long ones too).
 */
export function* edgePairs(edges: readonly (readonly [Point, Point])[]): Generator<[number, number]> {
  const boxes = edges.map(([a, b], index) => {
    const length = norm(minus(a, b));
    const pad = (length * length) / 4 + 1e-13;
    return {
      index,
      low: [0, 1, 2].map((k) => Math.min(a[k]!, b[k]!) - pad),
      high: [0, 1, 2].map((k) => Math.max(a[k]!, b[k]!) + pad),
    };
  });
  boxes.sort((p, q) => p.low[0]! - q.low[0]!);
  let open: typeof boxes = [];
  for (const box of boxes) {
    open = open.filter((o) => o.high[0]! >= box.low[0]!);
    for (const o of open) {
      const apart = [1, 2].some((k) => o.high[k]! < box.low[k]! || o.low[k]! > box.high[k]!);
      if (!apart) yield o.index < box.index ? [o.index, box.index] : [box.index, o.index];
    }
    open.push(box);
  }
}
