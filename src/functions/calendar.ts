import { type Sql, sql } from '../sql/index.js';
import { bind } from './bind.js';
import { datetimeOf } from './dynamic-sql.js';

/**
 * Calendar arithmetic on ticks (100 ns since the Unix epoch) for the years 1 to 9999. ClickHouse's own date functions hold for
 * 1900 to 2299 only; the Gregorian calendar repeats every 400 years, weekdays included, so a time is first moved there.
 */

export const ticksPerDay = sql`864000000000`;
/** Ticks from 0001-01-01, where Kusto starts to count, to the Unix epoch. */
const eraOffset = sql`621355968000000000`;
const year1900 = sql`-22089888000000000`;
/** Signed: the remainder by an unsigned number would take a negative time for a huge one. */
const ticksPer400Years = sql`toInt64(126227808000000000)`;

/** Ticks since 0001-01-01: never negative, so whole division rounds down. */
export const eraTicks = (ticks: Sql): Sql => sql`(${ticks} + ${eraOffset})`;
export const fromEraTicks = (ticks: Sql): Sql => sql`(${ticks} - ${eraOffset})`;

/** Days since 0001-01-01, a Monday. */
export const eraDay = (ticks: Sql): Sql => sql`intDiv(${eraTicks(ticks)}, ${ticksPerDay})`;
/** Weeks since the one of 0001-01-01, beginning on Sundays. */
export const eraWeek = (ticks: Sql): Sql => sql`intDiv(${eraDay(ticks)} + 1, 7)`;
/** Ticks since midnight. */
export const timeOfDay = (ticks: Sql): Sql => sql`(${eraTicks(ticks)} % ${ticksPerDay})`;

/** The time moved by a multiple of 400 years into 1900 to 2299. */
const folded = (ticks: Sql): Sql =>
  datetimeOf(sql`positiveModulo(${ticks} - ${year1900}, ${ticksPer400Years}) + ${year1900}`);
const cycles = (ticks: Sql): Sql =>
  sql`(intDiv(${ticks} - ${year1900} + 5 * ${ticksPer400Years}, ${ticksPer400Years}) - 5)`;

export const yearOf = (ticks: Sql): Sql => sql`(toYear(${folded(ticks)}) + 400 * ${cycles(ticks)})`;
export const monthOf = (ticks: Sql): Sql => sql`toMonth(${folded(ticks)})`;
export const quarterOf = (ticks: Sql): Sql => sql`toQuarter(${folded(ticks)})`;
export const dayOfMonthOf = (ticks: Sql): Sql => sql`toDayOfMonth(${folded(ticks)})`;
export const dayOfYearOf = (ticks: Sql): Sql => sql`toDayOfYear(${folded(ticks)})`;
export const isoWeekOf = (ticks: Sql): Sql => sql`toISOWeek(${folded(ticks)})`;

/** Months since January of year 0. */
export const eraMonth = (ticks: Sql): Sql => sql`(${yearOf(ticks)} * 12 + ${monthOf(ticks)} - 1)`;

/** Ticks at the start of a month counted as by `eraMonth`; null before year 1 and after January 10000. */
export const startOfMonthTicks = (month: Sql): Sql =>
  bind(month, 'month', (m) => {
    const year = sql`intDiv(${m}, 12)`;
    const date = sql`makeDate32(${foldedYear(year)}, ${m} % 12 + 1, 1)`;
    return sql`if(${m} BETWEEN 12 AND 120000, (toInt64(toInt32(${date})) + 146097 * (intDiv(${year} + 100, 400) - 5)) * ${ticksPerDay}, NULL)`;
  });

/** Days of a month counted as by `eraMonth`. */
export const daysOfMonth = (month: Sql): Sql =>
  bind(month, 'month', (m) => {
    const y = sql`intDiv(${m}, 12)`;
    const leap = sql`${y} % 4 = 0 AND (${y} % 100 != 0 OR ${y} % 400 = 0)`;
    return sql`multiIf(${m} % 12 IN (3, 5, 8, 10), 30, ${m} % 12 != 1, 31, ${leap}, 29, 28)`;
  });

const foldedYear = (year: Sql): Sql => sql`toInt32(1900 + positiveModulo(${year} - 1900, 400))`;
