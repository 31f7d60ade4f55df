export { demoStory, type Story, type StoryFile, type StoryOptions, simulatePhish, unitsByConnector } from './phish.js';
export { type ProxyId, proxyIds } from './proxies.js';
export { type ConnectorId, connectorIds } from './sessions/index.js';
export type { Truth } from './truth.js';
export { type Variant, variantNames } from './variants.js';
export { writeStory } from './write.js';
