import type { Column, KqlType } from '../../tables/index.js';
import type { Expressions, Scope } from './expressions.js';
import { hostileName, kqlName } from './hostile.js';
import type { Random } from './random.js';

/** What is known of the rows so far. */
export interface Rows {
  readonly text: string;
  readonly columns: readonly Column[];
  /** A column of which no two rows have the same value. */
  readonly key: string | undefined;
  /** The rows have one order only. */
  readonly ordered: boolean;
}

/** What the parts of one query share. */
export class Making {
  private names = 0;
  /** False when the answer may be another one each time. */
  stable = true;
  readonly lets: string[] = [];
  readonly scalars: Column[] = [];
  readonly functions: string[] = [];
  /** Tabular lets. */
  readonly relations: {
    readonly name: string;
    readonly columns: readonly Column[];
    readonly key: string | undefined;
  }[] = [];

  constructor(
    readonly r: Random,
    readonly x: Expressions,
  ) {}

  name(): string {
    this.names += 1;
    return this.r.chance(0.5) ? `c${this.names}` : hostileName(this.r, 500 + this.names);
  }

  scope(columns: readonly Column[]): Scope {
    return { columns, scalars: this.scalars, functions: this.functions };
  }

  of(type: KqlType, rows: Pick<Rows, 'columns'>, depth = 2): string {
    return this.x.of(type, this.scope(rows.columns), depth);
  }
}

/** An operator behind the rows. */
export type Operator = (rows: Rows, m: Making) => Rows | undefined;

export const piped = (rows: Rows, operator: string, more: Partial<Rows> = {}): Rows => ({
  ...rows,
  ...more,
  text: `${rows.text}\n| ${operator}`,
});

export const columnsOf = (rows: Rows, ...types: KqlType[]): readonly Column[] =>
  rows.columns.filter((c) => types.includes(c.type));
export const spelled = (columns: readonly Column[]): string => columns.map((c) => kqlName(c.name)).join(', ');
