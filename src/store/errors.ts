import { ClickHouseError } from '@clickhouse/client';
import { type Code, DiagnosticError } from '../base/index.js';

/** What a failure of the engine or of the way to it means. */
export type Failure = 'lost' | 'refused';

/** Codes of ClickHouse: https://github.com/ClickHouse/ClickHouse/blob/master/src/Common/ErrorCodes.cpp */
const queryCodes: Record<string, readonly [Code, string]> = {
  159: ['KQL2001', 'the query ran longer than its limit'],
  160: ['KQL2001', 'the query would run longer than its limit'],
  241: ['KQL2002', 'the query needed more memory than its limit'],
  396: ['KQL2002', 'the answer is larger than its limit'],
  394: ['KQL2003', 'the query was cancelled'],
};
const wrongCredentials = new Set(['516', '194', '192']);
const noSpace = new Set(['243', '84']);

/** True when no engine answered, or one that is not ours (another process took the port of an engine that ended). */
export function isLost(error: unknown): boolean {
  if (error instanceof DiagnosticError) return false;
  if (error instanceof ClickHouseError) return wrongCredentials.has(error.code);
  if (!(error instanceof Error)) return false;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return (
    /^(ECONN|EPIPE|EHOST|ENET|ENOTFOUND|ETIMEDOUT|EAI_|UND_|ERR_STREAM_PREMATURE)/.test(code) ||
    /socket hang up|aborted|premature close|other side closed/i.test(error.message)
  );
}

/** Turns what a query threw into the diagnostic that its author sees. */
export function queryError(error: unknown, limits: { timeoutMs: number; memoryBytes: number }): unknown {
  if (isLost(error)) return lostError(error);
  if (!(error instanceof ClickHouseError)) return error;
  const known = queryCodes[error.code];
  if (error.code === '407')
    return diagnostic('KQL2007', 'a decimal has more digits before its point than the 20 that the engine holds');
  if (error.code === '128') return diagnostic('KQL2002', 'a list that the query makes is larger than the engine holds');
  if (error.code === '427') {
    const reason = /error: ([^.]*)/.exec(error.message)?.[1];
    return diagnostic(
      'KQL2007',
      `a regular expression that the query computes is not valid${reason ? `: ${reason}` : ''}`,
    );
  }
  if (!known) return diagnostic('KQL2004', cleanMessage(error.message));
  const [code, message] = known;
  if (error.code === '159') return diagnostic(code, `${message} of ${limits.timeoutMs / 1000} s`);
  if (error.code === '241') return diagnostic(code, `${message} of ${Math.round(limits.memoryBytes / 1e6)} MB`);
  return diagnostic(code, message);
}

/** Turns what a statement of the store's own threw into a diagnostic. */
export function statementError(error: unknown, doing: string): unknown {
  if (isLost(error)) return lostError(error);
  if (!(error instanceof ClickHouseError)) return error;
  if (noSpace.has(error.code) || /No space left on device|Cannot reserve/i.test(error.message))
    return diagnostic('ENG5005', `the disk of the engine is full: ${doing} was not done`, {
      hint: 'free some space and repeat; what was acknowledged before is safe',
    });
  return diagnostic('ENG5003', `the engine refused ${doing}: ${cleanMessage(error.message)}`);
}

const lostError = (error: unknown) =>
  error instanceof ClickHouseError
    ? diagnostic('ENG5002', 'the engine does not accept the user or password')
    : diagnostic(
        'ENG5002',
        `the engine cannot be reached: ${(error as Error).message || (error as { code?: string }).code}`,
      );

function diagnostic(code: Code, message: string, more: { hint?: string } = {}): DiagnosticError {
  return new DiagnosticError({ code, severity: 'error', message, ...more });
}

/** The engine's message without the generated SQL that it quotes, its version, and its own addresses. */
export function cleanMessage(message: string): string {
  return (
    message
      .replace(/\s*\(version [^)]*\)/g, '')
      .replace(
        /:? ?(While|while|In scope|in scope|When executing|while executing|In query|Maybe you meant)[\s\S]*$/,
        '',
      )
      .replace(/^(DB::Exception|Code: \d+\. DB::Exception): */, '')
      .replace(/\s+/g, ' ')
      .trim()
      .replace(/[.:,\s]+$/, '')
      .slice(0, 500) || 'no reason given'
  );
}
