import { literalValue } from '../../ir/index.js';
import { unsupported } from '../context.js';
import type { LowerPlugin } from './index.js';
import { analyse, binsOf, dimensionsOf, timelineOf } from './timeline.js';
import { argumentsOf, columnArgument, constantArgument, Dimensions, lowerText } from './written.js';

/** Users who came in enough periods of the window that ends with their appearance. Its lower end is not part of it. */
export const activeUsersCount: LowerPlugin = (call, input, cx, operator) => {
  const t = timelineOf(call, input, cx, operator, 6);
  const d = dimensionsOf(t);
  const [, , window, period, wanted, step] = t.constants;
  const { bins, values } = binsOf(step!, t.nodes[5]!);
  const text = `
let U = T | where at > start - window and at <= end | extend p = bin_at(at, period, start) | distinct p, id, ${d.list};
let Q = U | project q = p, id, ${d.list};
U | where p >= start
| join kind=inner Q on id, ${d.list}
| where q <= p and q > p - window
| summarize periods = count() by p, id, ${d.list}
| where periods >= wanted
| summarize users = count_distinct(id) by b = ${bins.of('p')}, ${d.list}
| sort by ${d.list.replaceAll(',', ' asc,')} asc, b asc`;
  const known = { ...values, window: window!, period: period!, wanted: wanted! };
  return analyse(t, d, text, known, { first: ['b'], last: ['users'] });
};

/** Events and users of the window that ends with each bin. Rows before the start count into the first windows. */
export const slidingWindowCounts: LowerPlugin = (call, input, cx, operator) => {
  const t = timelineOf(call, input, cx, operator, 4);
  const d = dimensionsOf(t);
  const { bins, values } = binsOf(t.constants[3]!, t.nodes[3]!);
  if (!('span' in values))
    return unsupported(t.nodes[3]!, 'windows of calendar periods are not supported', 'a timespan');
  const text = `
T | where at > start - window and at <= end + span
| extend b = ${bins.of('at')} | where b <= end
| summarize n = count() by b, id, ${d.list}
| mv-expand i = range(0, tolong(window / span) - 1, 1) to typeof(long)
| extend b = ${bins.later('b', 'i')} | where b between (start .. end)
| summarize events = sum(n), users = count_distinct(id) by b, ${d.list}
| sort by ${d.list.replaceAll(',', ' asc,')} asc, b asc`;
  return analyse(t, d, text, { ...values, window: t.constants[2]! }, { first: ['b'], last: ['events', 'users'] });
};

/** Sessions by the bin in which they begin: a user who did not come for the length of the window begins a new one. */
export const sessionCount: LowerPlugin = (call, input, cx, operator) => {
  const t = timelineOf(call, input, cx, operator, 4);
  const d = dimensionsOf(t);
  const [, , step, window] = t.constants;
  if (step!.type === 'string')
    return unsupported(t.nodes[2]!, 'sessions by calendar periods are not supported', 'a timespan');
  const text = `
T | where at > start - window and at <= end
| sort by id asc, ${d.list.replaceAll(',', ' asc,')} asc, at asc
| extend begins = row_number() == 1 or id != prev(id) or ${d.changes} or at - prev(at) >= window
| where begins and at >= start
| summarize sessions = count() by b = bin(at, span), ${d.list}
| sort by ${d.list.replaceAll(',', ' asc,')} asc, b asc`;
  return analyse(t, d, text, { span: step!, window: window! }, { first: ['b'], last: ['sessions'] });
};

/** A percentile over the bins up to each bin that has rows. */
export const rollingPercentile: LowerPlugin = (call, input, cx, operator) => {
  const [value, percent, at, step, count, ...dimensions] = argumentsOf(call);
  const columns = { value: columnArgument(value!, input, cx), at: columnArgument(at!, input, cx) };
  const d = new Dimensions(
    dimensions.map((n) => columnArgument(n, input, cx)),
    cx,
  );
  const wanted = literalValue(constantArgument(percent!, cx));
  if (typeof wanted !== 'bigint' && typeof wanted !== 'number')
    return unsupported(percent!, 'the percentile must be a number');
  const text = `
let B = T | extend b = bin(at, span);
let S = B | distinct b, ${d.list};
B | mv-expand i = range(0, tolong(windows) - 1, 1) to typeof(long)
| extend b = b + i * span
| join kind=inner S on b, ${d.list}
| summarize p = percentile(value, ${wanted}) by b, ${d.list}
| sort by ${d.list.replaceAll(',', ' asc,')} asc, b asc`;
  const values = { span: constantArgument(step!, cx), windows: constantArgument(count!, cx) };
  return d.named(lowerText(text, [d.rows(input, columns)], values, cx), ['b'], ['p'], call, operator);
};

/**
 * How many users get how far along a sequence within each of some times, counted from its first step. A step comes later
 * than the one before it: two events of one time are no step.
 */
export const funnelSequenceCompletion: LowerPlugin = (call, input, cx, operator) => {
  const t = timelineOf(call, input, cx, operator, 3);
  const [state, sequence, periods] = t.rest;
  const d = new Dimensions([], cx);
  const step = t.constants[2]!;
  if (step.type === 'string') return unsupported(t.nodes[2]!, 'calendar periods are not supported', 'a timespan');
  const listed = literalValue(constantArgument(sequence!, cx));
  const states: unknown = typeof listed === 'string' ? JSON.parse(listed) : undefined;
  if (!Array.isArray(states) || states.length === 0 || !states.every((s) => typeof s === 'string'))
    return unsupported(sequence!, 'the sequence must be an array of literal texts');
  const steps = states.map((s, i) =>
    i === 0
      ? `let S0 = E | where state == ${quoted(s)} | project id, b, began = at, came = at, ${d.list};`
      : `let S${i} = S${i - 1} | join kind=inner (E | where state == ${quoted(s)} | project id, b, at, ${d.list}) on id, b, ${d.list}
| where at > came | summarize came = min(at) by id, b, began, ${d.list};`,
  );
  const reached = states.map((s, i) => `(S${i} | extend place = ${i}, state = ${quoted(s)})`);
  const text = `
let E = T | where at between (start .. end) | extend b = bin_at(at, span, start);
${steps.join('\n')}
let W = print all = periods | mv-expand with_itemindex=w all to typeof(${t.at.type === 'datetime' ? 'timespan' : t.at.type}) | project w = tolong(w), period = all, k = 1;
let L = datatable(place:long, state:string)[${states.map((s, i) => `${i}, ${quoted(s)}`).join(', ')}];
let A = union ${reached.join(', ')} | join kind=inner W on k | where came - began <= period
| summarize users = count_distinct(id) by b, w, place, ${d.list};
E | distinct b, ${d.list}
| join kind=inner W on k
| join kind=inner (L | extend k = 1) on k
| join kind=leftouter A on b, w, place, ${d.list}
| project b, state, period, users = coalesce(users, 0), w, place, ${d.list}
| sort by b asc, w asc, place asc`;
  const values = { span: step, periods: constantArgument(periods!, cx) };
  const columns = { state: columnArgument(state!, input, cx) };
  return analyse(t, d, text, values, { first: ['b', 'state', 'period'], last: ['users'] }, { columns });
};

const quoted = (text: string) => JSON.stringify(text);
