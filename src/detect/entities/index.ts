export { collectEntities, entitiesJson } from './collect.js';
export { displayName, type Entity, entityKey, jsonTypes } from './entity.js';
export { listedEntities } from './listed.js';
export { isStrong } from './strength.js';
