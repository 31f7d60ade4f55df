export { difference } from '../fuzz/compare.js';
export { answerOf, openAnswers } from './answers.js';
