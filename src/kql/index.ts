export {
  Binder,
  type Bound,
  type BoundFunction,
  type Names,
  watchlistAliasColumns,
  watchlistItemColumns,
} from './binder.js';
export { isCondition } from './condition.js';
export { type KnownNames, knownNames } from './known-names.js';
export { Node, type Reference } from './node.js';
export { type OwnFunction, ownFunctions } from './own-functions.js';
export { type Signature, type SignatureParameter, signatures } from './signatures.js';
export type { FunctionSource, StoredFunction, StoredParameter } from './stored-function.js';
export { parseTree, syntaxErrors } from './syntax.js';
