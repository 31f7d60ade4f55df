export { type ExplainStep, type Explanation, explainRule, type JoinKeys, type NearMiss } from './explain.js';
