import { fail } from '../base/index.js';

/**
 * Refuses the scalar function `file`, the one way to the host's files that no privilege of the engine covers: as the
 * library counts as a local tool it reads any path. Compiled KQL never calls it.
 */
export function refuseFileAccess(sql: string): void {
  if (!/file/i.test(sql) && !/`[^`]*\\/.test(sql)) return;
  const bare = sql.replace(/'(?:[^'\\]|\\[\s\S]|'')*'/g, "''").replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, ' ');
  if (/(^|[^\w.])[`"]?file[`"]?\s*\(/i.test(bare) || /[`"][^`"\s]*\\[^`"]*[`"]\s*\(/.test(bare))
    fail('KQL2004', 'the statement would read a file of the host');
}
