import { call, literal, type NamedExpr } from '../../ir/index.js';
import type { KqlType } from '../../tables/index.js';
import { withRow } from '../context.js';
import { lowerExpr } from '../expression.js';
import { lowerLiteral } from '../literal.js';
import { extend } from '../rel-helpers.js';
import type { LowerOperator } from './index.js';

export const parseKv: LowerOperator = (node, input, cx) => {
  const value = lowerExpr(node.get('Expression'), withRow(cx, input.columns));
  const options = new Map(
    (node.child('WithClause')?.list('Properties') ?? []).map((p) => {
      const e = p.get('Expression');
      return [p.get('Name').name.toLowerCase(), String(lowerLiteral(e)?.value ?? e.text)];
    }),
  );
  const option = (name: string) => options.get(name) ?? '';
  const pairs = option('regex')
    ? call('parse_kv_regex', 'dynamic', [value, literal('string', option('regex'))], node.span)
    : call(
        'parse_kv',
        'dynamic',
        [
          value,
          literal('string', option('pair_delimiter')),
          literal('string', option('kv_delimiter')),
          literal('string', option('quote')),
          literal('string', option('escape')),
          literal('bool', option('greedy') === 'true'),
        ],
        node.span,
      );
  const items = node
    .get('Keys')
    .list('Columns')
    .map((k): NamedExpr => {
      const name = k.get('Name').name;
      const type = (node.columns?.find((c) => c.name === name)?.type ?? k.get('Type').text) as KqlType;
      return { name, expr: call(`to${type}`, type, [call('.', 'dynamic', [pairs, literal('string', name)])]) };
    });
  return extend(input, items);
};
