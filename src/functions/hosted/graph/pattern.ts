/** Conditions are places of bool columns that must all be true. */
export interface PatternNode {
  readonly where: readonly number[];
}

/** Directions are as one reads the pattern: `out` leads from `from` to `to`. */
export interface PatternEdge {
  readonly from: number;
  readonly to: number;
  readonly direction: 'out' | 'in' | 'any';
  readonly min: number;
  readonly max: number;
  /** Of every edge of the path. */
  readonly where: readonly number[];
  /** Of every node between its ends. */
  readonly inner: readonly number[];
}

/** A column of the result. `column` is the place of what is asked of each edge or inner node of the path. */
export type MatchOutput =
  | { readonly of: 'node'; readonly at: number }
  | { readonly of: 'edge'; readonly at: number }
  | {
      readonly of: 'map' | 'all' | 'any';
      readonly at: number;
      readonly inner: boolean;
      readonly column: number;
    };

export interface MatchSettings {
  readonly nodes: readonly PatternNode[];
  readonly edges: readonly PatternEdge[];
  readonly cycles: 'all' | 'none' | 'unique_edges';
  readonly shortest?: 'any' | 'all' | undefined;
  readonly outputs: readonly MatchOutput[];
}
