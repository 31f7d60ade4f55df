export { difference } from '../fuzz/compare.js';
