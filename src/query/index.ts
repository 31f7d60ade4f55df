export { type Compiled, type CompileOptions, Compiler, type Library } from './compile.js';
export type { Cost, ExplainRunner, Plan } from './plan.js';
export * from './result.js';
export { type RunnerOptions, WorkspaceRunner } from './runner.js';
export { kustoValue } from './values.js';
