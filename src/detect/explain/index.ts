export {
  type ExplainOptions,
  type ExplainStep,
  type Explanation,
  explainRule,
  type JoinKeys,
  type NearMiss,
} from './explain.js';
export type { SilentSource } from './sources.js';
