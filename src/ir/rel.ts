import type { Span } from '../base/index.js';
import type { Column } from '../tables/index.js';
import type { AggregateCall, Expr, Literal } from './expr.js';

interface Node {
  /** The columns of the result, in order. Names are unique. */
  readonly columns: readonly Column[];
  /** The KQL that the node stands for. */
  readonly span?: Span | undefined;
}

/** A table of the workspace. The run's time window is applied where the scan is emitted. */
export interface Scan extends Node {
  readonly kind: 'Scan';
  readonly table: string;
  /** Lists that a run looks things up in hold whatever its window is. */
  readonly windowless?: true | undefined;
}

/** Literal rows: `datatable`, `print` over literals, the empty relation. */
export interface Values extends Node {
  readonly kind: 'Values';
  readonly rows: readonly (readonly Literal[])[];
}

export interface Filter extends Node {
  readonly kind: 'Filter';
  readonly input: Rel;
  readonly predicate: Expr;
  /** Only the optimiser's: the condition is on a join key and waits to be asked of the other side's keys instead. */
  readonly held?: true | undefined;
}

export interface NamedExpr {
  readonly name: string;
  readonly expr: Expr;
}

export interface Project extends Node {
  readonly kind: 'Project';
  readonly input: Rel;
  readonly items: readonly NamedExpr[];
}

/** Grouping. Without keys it gives one row even over no rows; with keys and no calls it is `distinct`. */
export interface Aggregate extends Node {
  readonly kind: 'Aggregate';
  readonly input: Rel;
  readonly keys: readonly NamedExpr[];
  readonly calls: readonly { readonly name: string; readonly call: AggregateCall }[];
}

export type JoinKind =
  | 'innerunique'
  | 'inner'
  | 'leftouter'
  | 'rightouter'
  | 'fullouter'
  | 'leftsemi'
  | 'rightsemi'
  | 'leftanti'
  | 'rightanti';

/** A join on equal keys. `output` says, column by column, which side each result column comes from. */
export interface Join extends Node {
  readonly kind: 'Join';
  readonly joinKind: JoinKind;
  readonly left: Rel;
  readonly right: Rel;
  readonly keys: readonly { readonly left: Expr; readonly right: Expr }[];
  readonly output: readonly { readonly side: 'left' | 'right'; readonly column: string }[];
}

/** All inputs have the columns of the union, in its order. */
export interface Union extends Node {
  readonly kind: 'Union';
  readonly inputs: readonly Rel[];
}

export interface SortKey {
  readonly expr: Expr;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

export interface Sort extends Node {
  readonly kind: 'Sort';
  readonly input: Rel;
  readonly by: readonly SortKey[];
}

export interface Limit extends Node {
  readonly kind: 'Limit';
  readonly input: Rel;
  readonly count: Expr;
  /** The limit counts within groups of equal values of these columns. */
  readonly per?: readonly string[] | undefined;
}

/** One row per array element (or bag entry) of the expanded expressions, in step; the longest decides. */
export interface Expand extends Node {
  readonly kind: 'Expand';
  readonly input: Rel;
  readonly items: readonly NamedExpr[];
  /** Zero-based position of the element, when asked for. */
  readonly indexName?: string | undefined;
  /** Bags become [name, value] pairs (`kind=array`) instead of one-entry bags. */
  readonly pairs: boolean;
  readonly limit?: Expr | undefined;
}

/** `range name from … to … step …` as a relation of one column. */
export interface Range extends Node {
  readonly kind: 'Range';
  readonly from: Expr;
  readonly to: Expr;
  readonly step: Expr;
}

/** Adds columns computed over the ordered rows: `row_number()`, `prev()`. */
export interface Window extends Node {
  readonly kind: 'Window';
  readonly input: Rel;
  readonly items: readonly { readonly name: string; readonly call: AggregateCall }[];
  /** Rows keep the order of the nearest Sort below. */
  readonly partitionBy?: readonly Expr[] | undefined;
}

/**
 * The state machine of `scan` over the ordered rows. In the expressions `scan_state(step, column)` is the value of a column
 * in the row that last matched that step; declared columns are no columns of the input.
 */
export interface Steps extends Node {
  readonly kind: 'Steps';
  readonly input: Rel;
  readonly declared: readonly { readonly column: Column; readonly otherwise: Expr }[];
  /** Column for the number of the sequence. */
  readonly matchId?: string | undefined;
  readonly steps: readonly ScanStep[];
  /** Each group of equal values of these columns is scanned by itself. */
  readonly per: readonly string[];
}

export interface ScanStep {
  readonly output: 'all' | 'last' | 'none';
  readonly condition: Expr;
  readonly assignments: readonly NamedExpr[];
}

/** A relation that several places use: emitted once when more than one refers to this very object. */
export interface Shared extends Node {
  readonly kind: 'Shared';
  readonly name: string;
  /** The name came from `as`, so it shows in a union's source column; a let name does not. */
  readonly named?: true | undefined;
  readonly input: Rel;
}

/**
 * Rows that the engine cannot compute: those of the input are read, the operation runs over them in this process, and its
 * rows come back as a temporary table. Nothing is known of what it does with a row, so nothing moves through it.
 */
export interface Hosted extends Node {
  readonly kind: 'Hosted';
  readonly input: Rel;
  readonly operation: HostedOperationRef;
}

/** An operation by its name in the function table, with settings that survive JSON: compiled queries are kept on disk. */
export interface HostedOperationRef {
  readonly name: string;
  readonly settings: unknown;
  /** Columns that both input and result begin with: the operation runs once for each group of equal values of them. */
  readonly per?: number | undefined;
}

export type Rel =
  | Scan
  | Values
  | Filter
  | Project
  | Aggregate
  | Join
  | Union
  | Sort
  | Limit
  | Expand
  | Range
  | Window
  | Steps
  | Hosted
  | Shared;

/** The relations that a node reads directly (not those inside its expressions). */
export function inputsOf(rel: Rel): readonly Rel[] {
  switch (rel.kind) {
    case 'Scan':
    case 'Values':
    case 'Range':
      return [];
    case 'Join':
      return [rel.left, rel.right];
    case 'Union':
      return rel.inputs;
    default:
      return [rel.input];
  }
}

/** The scalar expressions that stand in a node itself. */
export function expressionsOf(rel: Rel): readonly Expr[] {
  switch (rel.kind) {
    case 'Filter':
      return [rel.predicate];
    case 'Project':
      return rel.items.map((i) => i.expr);
    case 'Aggregate':
      return [...rel.keys.map((k) => k.expr), ...rel.calls.flatMap((c) => c.call.args)];
    case 'Join':
      return rel.keys.flatMap((k) => [k.left, k.right]);
    case 'Sort':
      return rel.by.map((b) => b.expr);
    case 'Limit':
      return [rel.count];
    case 'Expand':
      return [...rel.items.map((i) => i.expr), ...(rel.limit ? [rel.limit] : [])];
    case 'Range':
      return [rel.from, rel.to, rel.step];
    case 'Window':
      return [...rel.items.flatMap((i) => i.call.args), ...(rel.partitionBy ?? [])];
    case 'Steps':
      return [
        ...rel.declared.map((d) => d.otherwise),
        ...rel.steps.flatMap((s) => [s.condition, ...s.assignments.map((a) => a.expr)]),
      ];
    default:
      return [];
  }
}
