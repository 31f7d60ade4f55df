import { describe, expect, it } from 'vitest';
import { refuseFileAccess } from './guard.js';

describe('refuseFileAccess', () => {
  it.each([
    "SELECT file('/etc/passwd')",
    "SELECT 1, FILE ('/etc/passwd')",
    "SELECT (file\n('/etc/passwd'))",
    "SELECT `file`('/etc/passwd')",
    "SELECT \"file\" /* ' */ ('/etc/passwd')",
    "SELECT `fi\\x6ce`('/etc/passwd')",
    // A quote in a comment, a name or a heredoc must not hide what follows.
    "SELECT 1 -- '\n, file('/etc/passwd') -- '",
    "SELECT 1 AS `'`, file('/etc/passwd') AS `'`",
    "SELECT $x$ ' $x$, file('/etc/passwd'), $x$ ' $x$",
    'SELECT \u2018 file(\u2019',
  ])('refuses %s', (statement) => {
    expect(() => refuseFileAccess(statement)).toThrow(/KQL2004/);
  });

  it.each([
    "SELECT FileName, `file` FROM t WHERE file IN ('file(1)', 'it\\'s file(x)') -- file(",
    'SELECT `a\\`b`, file FROM (SELECT 1 AS file)',
    "SELECT extractFile(x), t.profile FROM t WHERE p = '\u201cfile\u201d'",
  ])('lets pass %s', (statement) => {
    expect(() => refuseFileAccess(statement)).not.toThrow();
  });

  it('takes a statement of many megabytes', () => {
    const long = `SELECT FileName IN ('${"a\\'".repeat(3_000_000)}', ${"'x', ".repeat(50_000)} 'y')`;
    expect(() => refuseFileAccess(long)).not.toThrow();
  });
});
