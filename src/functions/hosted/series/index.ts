import { decomposition } from './decompose.js';
import { fitFunctions } from './fits.js';
import { outlierFunctions } from './outliers.js';
import { periodFunctions } from './periods.js';
import { transforms } from './transforms.js';

export const seriesAnalysis = [
  ...decomposition,
  ...fitFunctions,
  ...outlierFunctions,
  ...periodFunctions,
  ...transforms,
];
