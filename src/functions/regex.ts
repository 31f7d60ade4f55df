import { joinSql, type Sql, sql, text } from '../sql/index.js';
import type { Arg, EmitContext } from './entry.js';

/**
 * A Kusto regular expression for the engine's RE2. Kusto's classes \d, \w and \s are Unicode ones, RE2's are ASCII; the
 * engine's dot matches a newline, Kusto's does not.
 */
export interface Regex {
  readonly sql: Sql;
  /** The pattern in RE2's spelling, when it is a literal. */
  readonly pattern: string | undefined;
  /** Names of the capture groups in order, undefined for unnamed ones. */
  readonly groups: readonly (string | undefined)[];
  /** Whether it can match nothing at a place that is not the start. */
  readonly matchesEmpty: boolean;
}

const word = '\\pL\\pM\\p{Nd}\\p{Nl}\\p{Pc}\\x{200C}\\x{200D}';
const space = '\\t\\n\\x{0B}\\f\\r\\x{85}\\p{Z}';
const classes: Record<string, string> = {
  d: '\\p{Nd}',
  D: '\\P{Nd}',
  w: `[${word}]`,
  W: `[^${word}]`,
  s: `[${space}]`,
  S: `[^${space}]`,
};
const insideClass: Record<string, string> = { d: '\\p{Nd}', D: '\\P{Nd}', w: word, s: space };

/** Reads a regex argument; `wrap` goes around the translated pattern. */
export function regexOf(arg: Arg, cx: EmitContext, wrap: (pattern: string) => string = (p) => p): Regex {
  if (typeof arg.literal !== 'string') {
    const [before = '', after = ''] = wrap('\0').split('\0');
    const parts = [text(`(?-s)${before}`), arg.sql, text(after)];
    return { sql: sql`concat(${joinSql(parts, ', ')})`, pattern: undefined, groups: [], matchesEmpty: false };
  }
  const source = arg.literal;
  refuseBroken(source, cx);
  const translated = new Translator(source, cx).run();
  const pattern = wrap(translated.pattern);
  return {
    sql: text(translated.dotAll ? `(?-s)${pattern}` : pattern),
    pattern,
    groups: translated.groups,
    matchesEmpty: !source.startsWith('^') && canBeEmpty(source),
  };
}

/** Text that a pattern matches literally. */
export const quoteRegex = (t: string): string => t.replace(/[\\^$.|?*+()[\]{}-]/g, '\\$&');

function canBeEmpty(source: string): boolean {
  try {
    return new RegExp(source.replace(/\(\?P</g, '(?<').replace(/^\(\?[a-z]+\)/, '')).test('');
  } catch {
    return false;
  }
}

/** The engine would only say so when it runs, and not where. */
function refuseBroken(source: string, cx: EmitContext): void {
  const plain = source
    .replace(/\(\?P</g, '(?<')
    .replace(/\(\?[a-zA-Z]*(?:-[a-zA-Z]+)?([:)])/g, (_, c) => (c === ':' ? '(?:' : ''));
  try {
    new RegExp(plain.replace(/\[:\^?\w+:\]/g, ''));
  } catch (error) {
    const reason = (error as Error).message.split(': ').at(-1)!.toLowerCase();
    // A name may be given twice here, and brackets may nest.
    if (!/name|range out of order|unterminated character class/.test(reason))
      cx.refuse(`the regular expression '${source}' is not valid: ${reason}`);
  }
  const look = /(?<!\\)(?:\\\\)*(\(\?<?[=!])/.exec(source)?.[1];
  if (look) cx.refuse(`the regular expression '${source}' looks around with ${look}, which Kusto's have not`);
}

/** Whether a bracket inside a class can open a nested one: both must close. In `[[]` the character itself is meant. */
const closesTwice = (rest: string): boolean => (rest.replace(/\\./g, '').match(/\]/g) ?? []).length > 1;

/**
 * `\<` is the start of a word and `\>` its end, which RE2 lacks. Where the character on the word's side is certain to be one
 * of a word, any boundary there is the wanted one; where it is certain to be none, nothing can match.
 */
function wordEnd(mark: string, source: string, at: number): string | undefined {
  const beside = mark === '<' ? source.slice(at + 2) : mark === '>' ? source.slice(0, at) : undefined;
  if (beside === undefined) return undefined;
  const [isWord, isNone] =
    mark === '<'
      ? [
          /^(?:\w(?![*?]|\{\s*[0,])|\\[wd](?![*?]|\{\s*[0,]))/,
          /^(?:[/"'=:;,<>@#%&!~ -](?![*?{])|\\[/"'=:;,@.](?![*?{]))/,
        ]
      : [/(?:(?<!\\)\w|(?<!\\)\\[wd])\+?$/, /(?:(?<!\\)["'=:;,@#%&!~-]|(?<!\\)\\[/"'=:;,@.-])$/];
  return isWord.test(beside) ? '\\b' : isNone.test(beside) ? '[^\\x00-\\x{10FFFF}]' : undefined;
}

class Translator {
  private at = 0;
  private out = '';
  private readonly groups: (string | undefined)[] = [];
  /** A flag group may let the dot match newlines; then the pattern keeps its dots. */
  private readonly dotAll: boolean;

  constructor(
    private readonly source: string,
    private readonly cx: EmitContext,
  ) {
    this.dotAll = /\(\?[a-zA-Z]*s/.test(source);
  }

  run() {
    while (this.at < this.source.length) this.step();
    return { pattern: this.out, groups: this.groups, dotAll: this.dotAll };
  }

  private step(): void {
    const c = this.source[this.at]!;
    if (c === '\\') this.escape(classes);
    else if (c === '[') this.characterClass();
    else if (c === '(') this.group();
    else this.copy(c === '.' && !this.dotAll ? '[^\\n]' : c);
  }

  private copy(written: string, read = 1): void {
    this.out += written;
    this.at += read;
  }

  private escape(known: Record<string, string>): void {
    const rest = this.source.slice(this.at + 1);
    const c = rest[0] ?? '';
    const hex = /^(?:u([0-9a-f]{4})|U([0-9a-f]{8})|[uU]\{([0-9a-f]+)\})/i.exec(rest);
    const [all, four, eight, braced] = hex ?? [''];
    if (hex) this.copy(`\\x{${four ?? eight ?? braced}}`, all.length + 1);
    else if (known[c]) this.copy(known[c], 2);
    else if (known === classes && wordEnd(c, this.source, this.at) !== undefined)
      this.copy(wordEnd(c, this.source, this.at)!, 2);
    else if (/^(?:[<>CQEZ]|[bB]\{)/.test(rest)) {
      const hint = '<>'.includes(c) ? `write ${c} without the backslash` : undefined;
      this.cx.refuse(`the regular expression '${this.source}' uses \\${c}`, hint);
    } else if (/^[1-9a-zA-Z]$/.test(c) && !/[afnrtvbBAzpPxDSW]/.test(c)) {
      this.cx.refuse(`the regular expression '${this.source}' uses \\${c}, which means nothing`);
    } else this.copy(`\\${c}`, 2);
  }

  private group(): void {
    const [opening, groupName] = /^\(\?P?<([^>]+)>/.exec(this.source.slice(this.at)) ?? ['('];
    if (groupName !== undefined || this.source[this.at + 1] !== '?') this.groups.push(groupName);
    this.copy(groupName === undefined ? '(' : `(?P<${groupName}>`, opening.length);
  }

  private characterClass(): void {
    this.copy('[');
    if (this.source[this.at] === '^') this.copy('^');
    if (this.source[this.at] === ']') this.copy('\\]');
    while (this.at < this.source.length && this.source[this.at] !== ']') {
      const rest = this.source.slice(this.at);
      const posix = /^\[:\^?\w+:\]/.exec(rest)?.[0];
      if (posix) this.copy(posix, posix.length);
      // A boundary makes no sense between brackets, so this is the character.
      else if (/^\\[<>]/.test(rest)) this.copy(rest[1]!, 2);
      else if (rest.startsWith('\\')) this.escape(insideClass);
      else if (rest.startsWith('[') && !closesTwice(rest)) this.copy('\\[');
      else if (rest.startsWith('[') || /^(&&|--|~~)/.test(rest)) {
        this.cx.refuse(
          `the regular expression '${this.source}' has set operations inside a character class`,
          'escape [, && , -- or ~~ there when the characters themselves are meant',
        );
      } else this.copy(rest[0]!);
    }
    this.copy(']');
  }
}
