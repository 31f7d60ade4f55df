/** All families of functions; each is a list of entries. */
export { basicAggregates } from './aggregate/basic.js';
export { arithmetic } from './scalar/arithmetic.js';
export { arrayFunctions } from './scalar/array.js';
export { comparison } from './scalar/comparison.js';
export { conversion } from './scalar/conversion.js';
export { dynamicFunctions } from './scalar/dynamic.js';
export { ipTextFunctions } from './scalar/ip-text.js';
export { ipv4Functions } from './scalar/ipv4.js';
export { ipv6Functions } from './scalar/ipv6.js';
export { logic } from './scalar/logic.js';
export { memberships } from './scalar/membership.js';
export { regexFunctions } from './scalar/regex-functions.js';
export { stringSearch } from './scalar/string-search.js';
export { textFunctions } from './scalar/text.js';
