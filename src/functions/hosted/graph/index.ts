export { graphComponents } from './components.js';
export { graphMatch } from './match.js';
export type { MatchOutput, MatchSettings, PatternEdge, PatternNode } from './pattern.js';
