/** A piece of ClickHouse SQL. Only this room makes one out of text, so a raw string never reaches a statement. */
export class Sql {
  /** `atomic` pieces (names, literals, calls) need no parentheses next to an operator. */
  private constructor(
    readonly text: string,
    readonly atomic: boolean,
  ) {}

  static of(text: string, atomic = isAtomic(text)): Sql {
    return new Sql(text, atomic);
  }

  toString(): string {
    return this.text;
  }
}

/**
 * Builds SQL from a template. Interpolated pieces keep their meaning: a compound piece gets parentheses unless commas or
 * parentheses already stand on both sides of it.
 */
export function sql(strings: TemplateStringsArray, ...holes: readonly Sql[]): Sql {
  let text = strings[0] ?? '';
  holes.forEach((hole, i) => {
    const after = strings[i + 1] ?? '';
    text += (hole.atomic || (opens(text) && closes(after)) ? hole.text : `(${hole.text})`) + after;
  });
  return Sql.of(text);
}

const opens = (before: string) => /(^|[(,[])\s*$/.test(before.slice(-40));
const closes = (after: string) => /^\s*([),\]]|$)/.test(after.slice(0, 40));

/** Joins pieces with a separator such as `, ` or ` AND `; operators parenthesise compound pieces. */
export function joinSql(parts: readonly Sql[], separator: string): Sql {
  const infix = !separator.trim().startsWith(',');
  return Sql.of(parts.map((p) => (infix && parts.length > 1 && !p.atomic ? `(${p.text})` : p.text)).join(separator));
}

/** Names, numbers, string literals, and calls whose last parenthesis closes the first. */
function isAtomic(text: string): boolean {
  if (/^[\w.`]+$/.test(text)) return true;
  const quote = text[0];
  if (quote === "'" || quote === '`') {
    return endOfQuoted(text, 0) === text.length;
  }
  const open = /^[A-Za-z_]\w*[([]|^[([]/.exec(text);
  return open !== null && endOfGroup(text, open[0].length - 1) === text.length;
}

function endOfQuoted(text: string, start: number): number {
  const quote = text[start];
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === quote) return i + 1;
  }
  return -1;
}

function endOfGroup(text: string, start: number): number {
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    const c = text[i]!;
    if (c === "'" || c === '`') {
      i = endOfQuoted(text, i) - 1;
      if (i < 0) return -1;
    } else if (c === '(' || c === '[') depth++;
    else if ((c === ')' || c === ']') && --depth === 0) {
      // `f(x)[1]` and `f(x)(y)` go on.
      return text[i + 1] === '[' || text[i + 1] === '(' ? endOfGroup(text, i + 1) : i + 1;
    }
  }
  return -1;
}
