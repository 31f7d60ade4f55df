import type { Diagnostic } from '../base/index.js';
import { toDiagnostic } from './binder.js';
import { items, parsed } from './bridge.js';
import { Node } from './node.js';

/** A file is asked about more than once in a row: as a whole, when it is split, when it is checked. */
let latest: { text: string; errors: readonly Diagnostic[] } | undefined;

/** What the official parser finds without knowing any name: errors mean that the text is no KQL. */
export function syntaxErrors(text: string): readonly Diagnostic[] {
  if (latest?.text === text) return latest.errors;
  const errors = items(parsed(text).GetDiagnostics())
    .map((d) => toDiagnostic(d, 0))
    .filter((d) => d.severity === 'error');
  latest = { text, errors };
  return errors;
}

/** The tree of a text whose names mean nothing. */
export const parseTree = (text: string): Node => new Node(parsed(text).Syntax, 0);
