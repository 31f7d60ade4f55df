import type { Diagnostic } from '../base/index.js';
import { toDiagnostic } from './binder.js';
import { items, parsed } from './bridge.js';

/** What the official parser finds without knowing any name: errors mean that the text is no KQL. */
export const syntaxErrors = (text: string): readonly Diagnostic[] =>
  items(parsed(text).GetDiagnostics())
    .map((d) => toDiagnostic(d, 0))
    .filter((d) => d.severity === 'error');
