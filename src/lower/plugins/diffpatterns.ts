import type { DiffpatternsSettings } from '../../functions/index.js';
import { call, column, type Expr } from '../../ir/index.js';
import type { Column } from '../../tables/index.js';
import { filter, freshName } from '../rel-helpers.js';
import type { LowerPlugin } from './index.js';
import { dimensionsOf, PatternArguments, patternsOf, weighing } from './pattern-arguments.js';

const measures: readonly Column[] = [
  { name: 'SegmentId', type: 'long' },
  { name: 'CountA', type: 'long' },
  { name: 'CountB', type: 'long' },
  { name: 'PercentA', type: 'real' },
  { name: 'PercentB', type: 'real' },
  { name: 'PercentDiffAB', type: 'real' },
];

/** Patterns whose share of the rows differs between two values of a column. That column is none of the result's. */
export const diffpatterns: LowerPlugin = (node, input, cx) => {
  const args = new PatternArguments(node.get('ArgumentList').list('Expressions'), input, cx);
  const split = column(args.column(0));
  const text = split.type === 'string' ? split : call('tostring', 'string', [split]);
  const isIn = (value: Expr) =>
    call('==', 'bool', [text, value.type === 'string' ? value : call('tostring', 'string', [value])]);
  const [a, b] = [isIn(args.value(1)), isIn(args.value(2))];
  const weight = args.weight(3);
  const settings: DiffpatternsSettings = {
    threshold: args.number(4, 'the threshold of diffpatterns', 0.05, 0.015, 1),
    maxDimensions: args.number(5, 'the number of dimensions of diffpatterns', 1000, 1, 1000),
  };
  return patternsOf(node, filter(input, call('or', 'bool', [a, b])), cx, {
    operation: 'diffpatterns',
    settings,
    dimensions: dimensionsOf(input, cx, split.name, weight?.name),
    calls: [
      weighing(freshName('weight_a', input.columns), weight, a),
      weighing(freshName('weight_b', input.columns), weight, b),
    ],
    measures,
    wildcards: args.wildcards(6),
    weight,
  });
};
