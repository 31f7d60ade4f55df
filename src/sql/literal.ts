import { Sql } from './sql.js';

const escapes: Record<string, string> = {
  '\\': '\\\\',
  "'": "\\'",
  '`': '\\`',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\0': '\\0',
  '\b': '\\b',
  '\f': '\\f',
};

/** A string literal. ClickHouse reads a backslash as an escape, so doubling quotes would not be enough. */
export const text = (value: string): Sql =>
  Sql.of(`'${value.replace(/[\\'\n\r\t\0\b\f]/g, (c) => escapes[c]!)}'`, true);

/** A column, table or alias name; any text can be one. */
export const name = (value: string): Sql =>
  Sql.of(
    /^[A-Za-z_][A-Za-z0-9_]*$/.test(value) && !reserved.has(value.toUpperCase())
      ? value
      : `\`${value.replace(/[\\`\n\r\t\0\b\f]/g, (c) => escapes[c]!)}\``,
    true,
  );

/** `table.column`. */
export const qualified = (table: Sql, column: string): Sql => Sql.of(`${table.text}.${name(column).text}`, true);

/** A number that needs no cast to keep its value; the caller adds the type. */
export const number = (value: number | bigint): Sql => {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    return Sql.of(Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '(-inf)', true);
  }
  const negative = value < 0 || Object.is(value, -0);
  const digits = Object.is(value, -0) ? '-0.' : String(value);
  return Sql.of(negative ? `(${digits})` : digits, true);
};

/** Words that ClickHouse would not read as a plain name everywhere. */
const reserved = new Set(
  `ALL AND ANTI ANY ARRAY AS ASC ASOF BETWEEN BY CASE CAST COLLATE CROSS CUBE CURRENT DATE DATE_ADD DATE_SUB DAY DESC
   DISTINCT ELSE END EXCEPT EXISTS EXTRACT FALSE FILL FINAL FIRST FOLLOWING FOR FORMAT FROM FULL GLOBAL GROUP GROUPING HAVING HOUR ID IF
   ILIKE IN INF INNER INTERSECT INTERVAL INTO IS JOIN KEY LAST LEFT LIKE LIMIT MATERIALIZED MINUTE MONTH NAN NOT NULL NULLS OFFSET ON OR ORDER
   OUTER OVER PARTITION PASTE PRECEDING PREWHERE QUALIFY QUARTER RANGE RIGHT ROLLUP ROW ROWS SAMPLE SECOND SELECT SEMI SETS SETTINGS
   SUBSTRING THEN TIES TIMESTAMP TO TOP TOTALS TRIM TRUE TYPE UNBOUNDED UNION USING VALUES VIEW WEEK WHEN WHERE WINDOW WITH YEAR`
    .split(/\s+/)
    .filter(Boolean),
);
