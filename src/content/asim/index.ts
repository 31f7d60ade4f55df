export { checkParserData } from './check-data.js';
export { checkParserSchema } from './check-schema.js';
export type { ParserFinding } from './findings.js';
