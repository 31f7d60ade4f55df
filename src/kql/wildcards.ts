import type { Node } from './node.js';

/**
 * Those of the tables that a text may mean without spelling them: by a wildcard of a union, or because a search or find
 * names none. Too many cost little.
 */
export function tablesOfWildcards(text: string, tables: () => readonly string[]): readonly string[] {
  if (/\b(search|find)\b/i.test(text)) return tables();
  const wildcards = wildcardsIn(text);
  if (wildcards.length === 0) return [];
  const regex = new RegExp(`^(?:${wildcards.map((w) => w.replaceAll('*', '.*')).join('|')})$`);
  return tables().filter((name) => regex.test(name));
}

/** What may be wildcards of a union. */
export const wildcardsIn = (text: string): readonly string[] =>
  /\bunion\b/i.test(text) ? [...new Set(text.match(/(?<![\w*])[A-Za-z_]*\w*\*[\w*]*/g) ?? [])] : [];

/** Operators whose wildcards find columns. */
const overColumns = new Set(['ProjectAwayOperator', 'ProjectKeepOperator', 'ProjectReorderOperator']);

/** The wildcards that find tables. */
export const wildNodes = (node: Node): readonly Node[] => {
  if (overColumns.has(node.kind)) return [];
  return node.kind === 'NameReference' && node.name.includes('*') ? [node] : node.children.flatMap(wildNodes);
};
