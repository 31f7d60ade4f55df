import type { AutoclusterSettings } from '../../functions/index.js';
import { freshName } from '../rel-helpers.js';
import { segmentColumns } from './basket.js';
import type { LowerPlugin } from './index.js';
import { dimensionsOf, PatternArguments, patternsOf, weighing } from './pattern-arguments.js';

/** A few patterns that describe most rows. */
export const autocluster: LowerPlugin = (node, input, cx) => {
  const args = new PatternArguments(node.get('ArgumentList').list('Expressions'), input, cx);
  const settings: AutoclusterSettings = {
    sizeWeight: args.number(0, 'the size weight of autocluster', 0.5, 0, 1),
    seeds: args.number(2, 'the number of seeds of autocluster', 25, 1, 1000),
  };
  const weight = args.weight(1);
  return patternsOf(node, input, cx, {
    operation: 'autocluster',
    settings,
    dimensions: dimensionsOf(input, cx, weight?.name),
    calls: [weighing(freshName('weight', input.columns), weight)],
    measures: segmentColumns,
    wildcards: args.wildcards(3),
    weight,
  });
};
