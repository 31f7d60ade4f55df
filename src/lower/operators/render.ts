import type { LowerOperator } from './index.js';

/** A hint for whoever shows the result; the rows stay as they are. */
export const render: LowerOperator = (node, input, cx) => {
  const chart = node.child('ChartType')?.text ?? '';
  cx.session.notices.push({ code: 'KQL0001', severity: 'info', message: `render ${chart}`.trim(), span: node.span });
  return input;
};
