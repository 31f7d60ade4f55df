/**
 * Every diagnostic code, in one table. The number range tells the stage:
 * KQL1 names and types, KQL2 limits, KQL4 deliberate refusals, ING2 records, RUL3 rule and parser files, ENG5 engine,
 * CLI6 usage. Codes of Microsoft's parser (`KS…`) pass through unchanged.
 */
export const codes = {
  KQL0001: 'a hint for whoever shows the result',
  KQL1001: 'a table, function or column that nobody knows',
  KQL1002: 'a call does not fit the function (arity, type or literal)',
  KQL1003: 'the query is larger or nested deeper than the compiler accepts',
  KQL4001: 'this operator is not supported',
  KQL4002: 'this function is not supported',
  KQL4003: 'this aggregate is not supported',
  KQL4004: 'this plugin is not supported',
  KQL4005: 'this form of a supported operator or function is not supported',
  KQL4006: 'the query wants to read external data that is not allowed',
  KQL2001: 'the query ran longer than its limit',
  KQL2002: 'the query needed more memory than its limit',
  KQL2003: 'the query was cancelled',
  KQL2004: 'the query failed while running',
  KQL2005: 'a function or operator that runs outside the engine would get or give more than its limit',
  KQL2006: 'external data cannot be read',
  ING2001: 'the record cannot be decoded',
  ING2002: 'the record is of a kind that this connector does not map to a table',
  ING2003: 'the number of fields differs from the field list',
  ING2004: 'a mandatory field is missing or has no usable value',
  ING2005: 'the record is larger or nested deeper than accepted',
  ING2006: 'the file cannot be read',
  RUL3001: 'the file is not YAML',
  RUL3002: 'a key of the rule or parser is missing or has a bad value',
  RUL3003: 'two files register the same name',
  RUL3004: 'a table that is not in the catalogue was assumed to be open',
  RUL3005: 'no rule, or more than one, has this id or name',
  RUL3006: 'a rule uses a column that its query does not return',
  RUL3007: 'the rule was not run because an earlier alert suppresses it',
  RUL3008: 'a function that is not here was assumed',
  ENG5001: 'the engine did not start',
  ENG5002: 'the engine cannot be reached',
  ENG5003: 'the engine refused a statement',
  ENG5004: 'the data directory cannot be used',
  ENG5005: 'the disk of the engine is full',
  ENG5006: 'a value does not fit its column',
  CLI6001: 'the command was used wrongly',
  CLI6002: 'a file or folder named on the command line cannot be used',
  CLI6003: 'Vedette itself failed; please report it',
} as const satisfies Record<string, string>;

/** A code of ours, or one of Microsoft's parser. */
export type Code = keyof typeof codes | `KS${string}`;
