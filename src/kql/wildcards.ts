/**
 * Those of the tables that a text may mean without spelling them: by a wildcard of a union, or because a search or find
 * names none. Too many cost little.
 */
export function tablesOfWildcards(text: string, tables: () => readonly string[]): readonly string[] {
  if (/\b(search|find)\b/i.test(text)) return tables();
  if (!/\bunion\b/i.test(text)) return [];
  const wildcards = text.match(/(?<![\w*])[A-Za-z_]*\w*\*[\w*]*/g) ?? [];
  if (wildcards.length === 0) return [];
  const regex = new RegExp(`^(?:${wildcards.map((w) => w.replaceAll('*', '.*')).join('|')})$`);
  return tables().filter((name) => regex.test(name));
}
