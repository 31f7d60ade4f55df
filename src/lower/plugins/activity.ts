import type { Expr, Rel } from '../../ir/index.js';
import type { Column } from '../../tables/index.js';
import { findColumn, unsupported } from '../context.js';
import { project } from '../rel-helpers.js';
import { lowerRel } from '../relation.js';
import type { LowerPlugin } from './index.js';
import { analyse, binsOf, dimensionsOf, timelineOf } from './timeline.js';
import { constantArgument, isColumn, type Tabular } from './written.js';

/** Events, users and new users by bins of time. */
export const activityCountsMetrics: LowerPlugin = (call, input, cx, operator) => {
  const t = timelineOf(call, input, cx, operator, 3);
  const d = dimensionsOf(t);
  const { bins, values } = binsOf(t.constants[2]!, t.nodes[2]!);
  const text = `
let B = T | where at between (start .. end) | extend b = ${bins.of('at')};
let N = B | summarize f = min(b) by id, ${d.list} | summarize n = count() by f, ${d.list};
let S = B | distinct b, ${d.list};
let A = S | join kind=inner N on ${d.list} | where f <= b | summarize new = sumif(n, f == b), all = sum(n) by b, ${d.list};
B | summarize events = count(), users = count_distinct(id) by b, ${d.list}
| join kind=inner A on b, ${d.list}
| sort by ${d.list.replaceAll(',', ' asc,')} asc, b asc`;
  return analyse(t, d, text, values, { first: ['b'], last: ['events', 'users', 'new', 'all'] });
};

/** Users of each bin, and how many of the bin before came back. */
export const activityMetrics: LowerPlugin = (call, input, cx, operator) => {
  const t = timelineOf(call, input, cx, operator, 3);
  const d = dimensionsOf(t);
  const { bins, values } = binsOf(t.constants[2]!, t.nodes[2]!);
  const text = `
let U = T | where at between (start .. end) | extend b = ${bins.of('at')} | distinct b, id, ${d.list};
let P = U | extend b = ${bins.later('b', '1')}, was = true;
let S = P | summarize before = count() by b, ${d.list};
U | join kind=leftouter P on b, id, ${d.list}
| summarize users = count(), back = countif(was) by b, ${d.list}
| join kind=leftouter S on b, ${d.list}
| extend new = users - back, retention = iff(isnull(before), real(nan), back * 1.0 / before)
| extend churn = 1.0 - retention
| sort by ${d.list.replaceAll(',', ' asc,')} asc, b asc`;
  return analyse(t, d, text, values, { first: ['b'], last: ['users', 'new', 'retention', 'churn'] });
};

/** Users of each inner window beside those of the outer window that ends with it. */
export const activityEngagement: LowerPlugin = (call, input, cx, operator) => {
  const t = timelineOf(call, input, cx, operator, 4);
  const d = dimensionsOf(t);
  const { bins, values } = binsOf(t.constants[2]!, t.nodes[2]!);
  if (!('span' in values) || t.constants[3]!.type === 'string')
    return unsupported(t.nodes[2]!, 'windows of calendar periods are not supported', 'timespans');
  const text = `
let U = T | where at between (start .. end) | extend b = ${bins.of('at')} | distinct b, id, ${d.list};
let O = U | mv-expand i = range(0, tolong(window / span) - 1, 1) to typeof(long)
| extend b = ${bins.later('b', 'i')} | summarize outer = count_distinct(id) by b, ${d.list};
U | summarize inner = count() by b, ${d.list}
| join kind=inner O on b, ${d.list}
| extend ratio = inner * 1.0 / outer
| sort by ${d.list.replaceAll(',', ' asc,')} asc, b asc`;
  return analyse(
    t,
    d,
    text,
    { ...values, window: t.constants[3]! },
    { first: ['b'], last: ['inner', 'outer', 'ratio'] },
  );
};

/** Users by the bin in which they first came, and what becomes of them in the bins after. */
export const newActivityMetrics: LowerPlugin = (call, input, cx, operator) => {
  const t = timelineOf(call, input, cx, operator, 3);
  const table = t.rest.at(-1)?.isTabular ? t.rest.at(-1) : undefined;
  const others = table ? t.rest.slice(0, -1) : t.rest;
  const cohort = others[0] && !isColumn(others[0], input) ? constantArgument(others[0], cx) : undefined;
  const d = dimensionsOf(t, cohort ? others.slice(1) : others);
  const { bins, values } = binsOf(t.constants[2]!, t.nodes[2]!);
  const seen = table && seenBefore(lowerRel(table, { ...cx, row: undefined, steps: undefined }), t.id);
  if (table && !seen) return unsupported(table, `the look-back needs a column '${t.id.name}'`);
  const known: Record<string, Expr> = cohort ? { ...values, cohort } : values;
  const text = `
let U = T | where at between (start .. end) ${seen ? '| join kind=leftanti Seen on id' : ''}
| extend b = ${bins.of('at')} | distinct b, id, ${d.list};
let F = U | summarize f = min(b) by id, ${d.list};
let R = U | join kind=inner F on id, ${d.list} | summarize n = count() by f, b, ${d.list};
let C = F | summarize size = count() by f, ${d.list} ${cohort ? '| where f == cohort' : ''};
let P = C | join kind=inner (${bins.all} | extend k = 1) on k | where b >= f | project born = f, seen = b, size, ${d.list};
let M = R | extend seen = b | project f, seen, n, ${d.list};
P | join kind=leftouter M on seen, ${d.list}
| summarize new = sumif(n, f > born or (born == seen and f == born)), retained = sumif(n, f == born) by born, seen, size, ${d.list}
| extend churned = size - retained, retention = retained * 1.0 / size
| extend churn = churned * 1.0 / size
| sort by ${d.list.replaceAll(',', ' asc,')} asc, born asc, seen asc`;
  return analyse(
    t,
    d,
    text,
    known,
    { first: ['born', 'seen'], last: ['new', 'retained', 'churned', 'retention', 'churn'] },
    { tables: seen ? [seen] : [] },
  );
};

/** Users who came before the analysis: none of them is new. */
function seenBefore(rel: Rel, id: Column): Tabular | undefined {
  const own = findColumn(rel.columns, id.name) ?? (rel.columns.length === 1 ? rel.columns[0] : undefined);
  if (!own || own.type !== id.type) return undefined;
  return {
    name: 'Seen',
    rel: project(rel, [{ name: 'id', expr: { kind: 'Column', name: own.name, type: own.type } }]),
  };
}
