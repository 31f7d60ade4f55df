import { fail } from '../base/index.js';

/** Text literals, comments and heredocs (dropped), quoted names (kept), typographic quotes (never ours). */
const pieces =
  /'[^'\\]*(?:\\[\s\S][^'\\]*)*'|--[^\n]*|#[ !][^\n]*|\/\*[\s\S]*?\*\/|\$(\w*)\$[\s\S]*?\$\1\$|`[^`\\]*(?:\\[\s\S][^`\\]*)*`|"[^"\\]*(?:\\[\s\S][^"\\]*)*"|[\u2018\u2019\u201c\u201d]/g;

/**
 * Refuses the scalar function `file`, the one way to the host's files that no privilege of the engine covers: as the
 * library counts as a local tool, it reads any path. Compiled KQL never calls it, so this is a second fence.
 */
export function refuseFileAccess(statement: string): void {
  // A name can be spelled with escapes only inside quotes that begin with ` or ".
  if (!/file/i.test(statement) && !/[`"\u201c][^`"]*\\/.test(statement)) return;
  const bare = statement.replace(pieces, (piece) => {
    if (/^[\u2018\u2019\u201c\u201d]/.test(piece)) return ' file(';
    if (!/^[`"]/.test(piece)) return ' ';
    return piece.includes('\\') ? ' "file" ' : ` ${piece} `;
  });
  if (/(^|[^\w.])[`"]?file[`"]?\s*\(/i.test(bare)) fail('KQL2004', 'the statement would read a file of the host');
}
