export { type ExplainStep, type Explanation, explainRule, type NearMiss } from './explain.js';
