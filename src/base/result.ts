import { type Diagnostic, DiagnosticError } from './diagnostic.js';

/** A value, or the diagnostics that explain why there is none. Warnings may stand beside a value. */
export type Result<T> =
  | { readonly ok: true; readonly value: T; readonly diagnostics: readonly Diagnostic[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

export const success = <T>(value: T, diagnostics: readonly Diagnostic[] = []): Result<T> => ({
  ok: true,
  value,
  diagnostics,
});

export const failure = (diagnostics: readonly Diagnostic[]): Result<never> => ({ ok: false, diagnostics });

/** Runs `body` and turns a `DiagnosticError` into a failed result; any other error passes through. */
export function attempt<T>(body: () => T): Result<T> {
  try {
    return success(body());
  } catch (error) {
    if (error instanceof DiagnosticError) return failure(error.diagnostics);
    throw error;
  }
}
