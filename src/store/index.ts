export { JsonText } from './native.js';
export { type EmbeddedOptions, openStore, type RemoteOptions, type StoreOptions } from './open.js';
export { engineTypes } from './schema.js';
export * from './store.js';
