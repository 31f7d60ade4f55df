export { countsOf as hiddenCounts, type Findings, findingsOf, type HiddenCount, type HiddenRows } from './apply.js';
export {
  addExclusion,
  type Excluded,
  type Exclusion,
  entityTypeOf,
  excludedText,
  exclusionSchema,
  holdsAt,
  readExclusions,
  removeExclusion,
} from './exclusion.js';
export { hiddenSchema, hiddenTotals, readHidden, writeHidden } from './hidden.js';
