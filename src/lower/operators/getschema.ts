import { literal } from '../../ir/index.js';
import type { KqlType } from '../../tables/index.js';
import type { LowerOperator } from './index.js';

const dataTypes: Record<KqlType, string> = {
  string: 'System.String',
  int: 'System.Int32',
  long: 'System.Int64',
  real: 'System.Double',
  decimal: 'System.Data.SqlTypes.SqlDecimal',
  bool: 'System.SByte',
  datetime: 'System.DateTime',
  timespan: 'System.TimeSpan',
  guid: 'System.Guid',
  dynamic: 'System.Object',
};

export const getschema: LowerOperator = (node, input) => ({
  kind: 'Values',
  columns: [
    { name: 'ColumnName', type: 'string' },
    { name: 'ColumnOrdinal', type: 'int' },
    { name: 'DataType', type: 'string' },
    { name: 'ColumnType', type: 'string' },
  ],
  rows: input.columns
    .filter((c) => !c.hidden)
    .map((c, i) => [
      literal('string', c.name),
      literal('int', BigInt(i)),
      literal('string', dataTypes[c.type]),
      literal('string', c.type),
    ]),
  span: node.span,
});
