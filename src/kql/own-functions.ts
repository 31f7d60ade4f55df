import type { KqlType } from '../tables/index.js';

/** A function of Vedette's own, as the official binder is told of it. */
export interface OwnFunction {
  readonly name: string;
  /** As in a function's declaration. */
  readonly parameters: string;
  readonly type: KqlType;
}

/** What each does stands in the function table under its name. */
export const ownFunctions: readonly OwnFunction[] = [
  { name: '_Vedette_CanonicalUrl', parameters: '(url:string)', type: 'dynamic' },
  { name: '_Vedette_SitePattern', parameters: '(sites:dynamic)', type: 'string' },
];
