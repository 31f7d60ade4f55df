/* What of a statement stands outside literals, by the lexical rules of the engine. */

const pieces =
  /'(?:[^'\\]|\\[\s\S]|'')*'|`(?:[^`\\]|\\[\s\S]|``)*`|"(?:[^"\\]|\\[\s\S]|"")*"|--[^\n]*|#[ !][^\n]*|\/\*[\s\S]*?(?:\*\/|$)|\$(\w*)\$/g;

export interface Outside {
  /** The statement without its literals and quoted names. */
  readonly bare: string;
  readonly literals: readonly string[];
  /** Comments and heredocs, which the compiler never writes. */
  readonly odd: readonly string[];
}

export function outside(statement: string): Outside {
  const literals: string[] = [];
  const odd: string[] = [];
  const bare = statement.replace(pieces, (piece) => {
    if (piece.startsWith("'")) literals.push(unescaped(piece.slice(1, -1)));
    else if (!/^[`"]/.test(piece)) odd.push(piece);
    return ' ? ';
  });
  return { bare, literals, odd };
}

const escaped: Record<string, string> = { n: '\n', r: '\r', t: '\t', '0': '\0', b: '\b', f: '\f' };
const unescaped = (text: string): string =>
  text.replace(/\\([\s\S])|''/g, (all, c?: string) => (c === undefined ? "'" : (escaped[c] ?? c)) || all);

/**
 * What a user's text does outside a literal, undefined when nothing does. `textMark` stands in texts, `nameMark` in names,
 * which may be bare where they are plain. A literal that is a type or a list of columns is read as SQL by the engine, so it
 * is looked at as well.
 */
export function leaked(statement: string, marks: { readonly text: string; readonly name: string }): string | undefined {
  const { bare, literals, odd } = outside(statement);
  if (odd.length > 0) return `a comment or heredoc: ${odd[0]}`;
  if (/[`"'\u2018\u2019\u201c\u201d]/.test(bare)) return 'a quote that nothing closes';
  if (bare.includes(marks.text)) return `a text: ${around(bare, marks.text)}`;
  const words = bare.match(new RegExp(`[^\\s(),.]*${marks.name}[^\\s(),.\\[\\]:+-]*`, 'g')) ?? [];
  const strange = words.find((w) => !/^\(*[A-Za-z_]\w*$/.test(w));
  if (strange !== undefined) return `a name: ${strange}`;
  for (const literal of literals) {
    if (!declares.test(literal) || !literal.includes('`')) continue;
    const inner = outside(literal);
    if (/[`"']/.test(inner.bare) || inner.bare.includes(marks.text)) return `columns in a literal: ${literal}`;
  }
  return undefined;
}

/** The columns of `values('…', …)`. */
const declares = /^(`(?:[^`\\]|\\[\s\S])*`|\w+) (Nullable\(|String|Int|Float|Bool|UUID|DateTime|Decimal)/;
const around = (text: string, mark: string): string =>
  text.slice(Math.max(0, text.indexOf(mark) - 30), text.indexOf(mark) + 30);
