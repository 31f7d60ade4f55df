import type { Expr, Hosted, Rel, Shared } from '../ir/index.js';
import { name, type Sql } from '../sql/index.js';
import type { Columns, Select } from './select.js';

/** What emission needs to know about the workspace and the run. */
export interface EmitOptions {
  /** The column that the run's window bounds in every scan; no window when left out. */
  readonly windowOn?: 'TimeGenerated' | '_TimeReceived' | undefined;
  /** Tables that exist; a scan of another one is empty. */
  readonly exists: (table: string) => boolean;
  readonly database?: string | undefined;
}

export class Emission {
  private aliases = 0;
  /** Relations that more than one place uses, by the name of the temporary table that holds them. */
  readonly shared = new Map<Shared, { readonly name: Sql; readonly select: Select }>();

  /** Scalar subqueries and the names that stand for them, each behind those that it uses. */
  readonly scalars = new Map<Rel, { readonly name: Sql; readonly select: string }>();
  /** Relations to compute first, each behind those that it uses. */
  readonly stages: {
    readonly name: string;
    readonly select: string;
    readonly shared?: Shared;
    readonly hosted?: Hosted;
  }[] = [];
  /** Tables that are filled from outside the engine. */
  readonly hosted = new Map<Hosted, Sql>();

  constructor(
    readonly options: EmitOptions,
    readonly uses: ReadonlyMap<Shared, number>,
  ) {}

  alias(): Sql {
    this.aliases += 1;
    return name(`t${this.aliases}`);
  }

  stageName(wanted: string): Sql {
    const base = /^[A-Za-z_]\w*$/.test(wanted) ? wanted : 'shared';
    const taken = new Set(this.stages.map((s) => s.name));
    for (let i = 0; ; i++) {
      const candidate = name(`${base}__${i + 1}`);
      if (!taken.has(candidate.text)) return candidate;
    }
  }
}

/** The columns that an expression may name. */
export type Scope = Columns;

export type EmitRel = (rel: Rel, e: Emission) => Select;
export type EmitExpr = (expr: Expr, scope: Scope, e: Emission) => { sql: Sql; nullable: boolean };
