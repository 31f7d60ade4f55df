import type { BasketSettings } from '../../functions/index.js';
import type { Column } from '../../tables/index.js';
import { freshName } from '../rel-helpers.js';
import type { LowerPlugin } from './index.js';
import { dimensionsOf, PatternArguments, patternsOf, weighing } from './pattern-arguments.js';

export const segmentColumns: readonly Column[] = [
  { name: 'SegmentId', type: 'long' },
  { name: 'Count', type: 'long' },
  { name: 'Percent', type: 'real' },
];

/** Patterns that describe at least a share of the rows. */
export const basket: LowerPlugin = (node, input, cx) => {
  const args = new PatternArguments(node.get('ArgumentList').list('Expressions'), input, cx);
  const settings: BasketSettings = {
    threshold: args.number(0, 'the threshold of basket', 0.05, 0.015, 1),
    maxDimensions: args.number(2, 'the number of dimensions of basket', 5, 1, 1000),
  };
  const weight = args.weight(1);
  return patternsOf(node, input, cx, {
    operation: 'basket',
    settings,
    dimensions: dimensionsOf(input, cx, weight?.name),
    calls: [weighing(freshName('weight', input.columns), weight)],
    measures: segmentColumns,
    wildcards: args.wildcards(3),
    weight,
  });
};
