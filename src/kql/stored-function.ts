import type { KqlType } from '../tables/index.js';

/** A parameter of a stored function. Tabular parameters have the type text of KQL: `(*)`, `(a:long, b:string)`. */
export interface StoredParameter {
  readonly name: string;
  readonly type: KqlType | `(${string})`;
  /** KQL text of the default value, such as `datetime(null)` or `'*'`; a parameter without one is mandatory. */
  readonly default?: string | undefined;
}

/** A function that lies in the workspace or in a YAML file: an ASIM parser, a library function, a saved function. */
export interface StoredFunction {
  readonly name: string;
  readonly parameters: readonly StoredParameter[];
  /** KQL, as its author wrote it. */
  readonly body: string;
  /** Where the body stands, for diagnostics. */
  readonly source?: FunctionSource | undefined;
}

export interface FunctionSource {
  /** File name. */
  readonly name: string;
  /** Whole text of the file. */
  readonly text: string;
  /** Maps an offset in the body to one in `text`. */
  readonly map: (offset: number) => number;
}
