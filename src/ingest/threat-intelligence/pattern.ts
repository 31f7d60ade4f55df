/** One test of a STIX pattern, such as `ipv4-addr:value = '198.51.100.7'`. */
export interface Comparison {
  /** The left-hand side as it is written: `file:hashes.'SHA-256'`. */
  readonly path: string;
  readonly operator:
    | '='
    | '!='
    | '<'
    | '<='
    | '>'
    | '>='
    | 'IN'
    | 'LIKE'
    | 'MATCHES'
    | 'ISSUBSET'
    | 'ISSUPERSET'
    | 'EXISTS';
  readonly isNegated: boolean;
  /** Constants as text, escapes resolved. */
  readonly values: readonly string[];
}

export type ParsedPattern =
  | { readonly ok: true; readonly comparisons: readonly Comparison[] }
  /** `at` is an offset into the pattern. */
  | { readonly ok: false; readonly reason: string; readonly at: number };

const MAX_CHARS = 64 * 1024;
const MAX_DEPTH = 100;

class Malformed extends Error {
  constructor(
    reason: string,
    readonly at: number,
  ) {
    super(reason);
  }
}

/**
 * Parses a STIX pattern: observation expressions with AND, OR, FOLLOWEDBY and qualifiers, over comparison expressions.
 *
 * Limits  65,536 characters, parentheses up to 100 deep
 * Source  https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html section 9
 */
export function parsePattern(text: string): ParsedPattern {
  if (text.length > MAX_CHARS)
    return { ok: false, reason: `the pattern is longer than ${MAX_CHARS} characters`, at: 0 };
  try {
    return { ok: true, comparisons: new PatternParser(text).parse() };
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return { ok: false, reason: error.message, at: error.at };
  }
}

const blank = /(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;
const objectType = /[A-Za-z0-9_][A-Za-z0-9_-]*/y;
const step = /'(?:[^'\\]|\\[\s\S])*'|[A-Za-z0-9_][A-Za-z0-9_-]*/y;
const index = /\[\s*(?:\*|-?\d+)\s*\]/y;
const symbol = /==|<>|!=|<=|>=|=|<|>/y;
const word = /[A-Za-z]+/y;
const constant = /[thb]?'((?:[^'\\]|\\[\s\S])*)'|[+-]?\d+(?:\.\d+)?|[+-]?\.\d+|true\b|false\b/y;
const quantity = /\d+(?:\.\d+)?/y;

const symbols: Readonly<Record<string, Comparison['operator']>> = {
  ...{ '=': '=', '==': '=', '!=': '!=', '<>': '!=', '<': '<', '<=': '<=', '>': '>', '>=': '>=' },
};
const ofText = new Set(['LIKE', 'MATCHES', 'ISSUBSET', 'ISSUPERSET']);

class PatternParser {
  private at = 0;
  private depth = 0;
  private readonly comparisons: Comparison[] = [];

  constructor(private readonly text: string) {}

  parse(): readonly Comparison[] {
    this.observations();
    this.skip();
    if (this.at < this.text.length) this.fail('something follows the pattern');
    return this.comparisons;
  }

  private observations(): void {
    do {
      this.observation();
    } while (this.takeWord('AND') || this.takeWord('OR') || this.takeWord('FOLLOWEDBY'));
  }

  private observation(): void {
    if (this.take('(')) {
      this.nested(() => this.observations());
      this.expect(')');
    } else {
      this.expect('[');
      this.test();
      this.expect(']');
    }
    while (this.qualifier());
  }

  private qualifier(): boolean {
    if (this.takeWord('WITHIN')) {
      this.match(quantity, 'a number of seconds');
      this.expectWord('SECONDS');
    } else if (this.takeWord('REPEATS')) {
      this.match(quantity, 'a number of times');
      this.expectWord('TIMES');
    } else if (this.takeWord('START')) {
      this.match(constant, 'a time');
      this.expectWord('STOP');
      this.match(constant, 'a time');
    } else return false;
    return true;
  }

  private test(): void {
    do {
      if (this.take('(')) {
        this.nested(() => this.test());
        this.expect(')');
      } else this.comparison();
    } while (this.takeWord('AND') || this.takeWord('OR'));
  }

  private comparison(): void {
    let isNegated = this.takeWord('NOT');
    if (this.takeWord('EXISTS')) {
      this.comparisons.push({ path: this.path(), operator: 'EXISTS', isNegated, values: [] });
      return;
    }
    const path = this.path();
    if (this.takeWord('NOT')) isNegated = !isNegated;
    const { operator, values } = this.operation();
    this.comparisons.push({ path, operator, isNegated, values });
  }

  private operation(): Pick<Comparison, 'operator' | 'values'> {
    const sign = this.attempt(symbol);
    if (sign) return { operator: symbols[sign]!, values: [this.value()] };
    const start = this.at;
    const name = this.attempt(word)?.toUpperCase();
    if (name === 'IN') {
      this.expect('(');
      const values = [this.value()];
      while (this.take(',')) values.push(this.value());
      this.expect(')');
      return { operator: 'IN', values };
    }
    if (name && ofText.has(name)) return { operator: name as 'LIKE', values: [this.value()] };
    this.at = start;
    return this.fail('an operator is missing');
  }

  private path(): string {
    this.skip();
    const start = this.at;
    this.match(objectType, 'an object path');
    if (this.text[this.at] !== ':') this.fail('an object path wants a colon behind its type');
    this.at++;
    this.match(step, 'a property');
    for (;;) {
      if (this.text[this.at] === '.') {
        this.at++;
        this.match(step, 'a property');
      } else if (!this.sticky(index)) return this.text.slice(start, this.at);
    }
  }

  private value(): string {
    this.skip();
    const start = this.at;
    const found = this.sticky(constant);
    if (!found) return this.fail('a constant is missing or not closed', start);
    return found[1] === undefined ? found[0] : found[1].replace(/\\([\s\S])/g, '$1');
  }

  private nested(inner: () => void): void {
    if (++this.depth > MAX_DEPTH) this.fail(`it is nested deeper than ${MAX_DEPTH} parentheses`);
    inner();
    this.depth--;
  }

  private take(sign: string): boolean {
    this.skip();
    if (this.text[this.at] !== sign) return false;
    this.at++;
    return true;
  }

  private expect(sign: string): void {
    if (!this.take(sign)) this.fail(`${sign} is missing`);
  }

  /** Keywords are upper case in the standard; feeds write them as they like. */
  private takeWord(wanted: string): boolean {
    this.skip();
    const start = this.at;
    if (this.sticky(word)?.[0].toUpperCase() === wanted && !/[\w:-]/.test(this.text[this.at] ?? '')) return true;
    this.at = start;
    return false;
  }

  private expectWord(wanted: string): void {
    if (!this.takeWord(wanted)) this.fail(`${wanted} is missing`);
  }

  private attempt(pattern: RegExp): string | undefined {
    this.skip();
    return this.sticky(pattern)?.[0];
  }

  private match(pattern: RegExp, what: string): void {
    if (this.attempt(pattern) === undefined) this.fail(`${what} is missing`);
  }

  private sticky(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found) this.at = pattern.lastIndex;
    return found;
  }

  private skip(): void {
    this.sticky(blank);
  }

  private fail(reason: string, at = this.at): never {
    throw new Malformed(reason, at);
  }
}

/** What a log can be compared with: a property and one value of it. */
export interface Observable {
  readonly key: string;
  readonly value: string;
}

/**
 * The observables of a pattern, each once: equalities and the values of IN, and the network of ISSUBSET. What a pattern
 * denies is none, and neither is the type of a reference (`src_ref.type = 'ipv4-addr'`).
 */
export function observablesOf(comparisons: readonly Comparison[]): Observable[] {
  const found = new Map<string, Observable>();
  for (const { path, operator, isNegated, values } of comparisons) {
    if (isNegated || !['=', 'IN', 'ISSUBSET'].includes(operator) || /_ref\.type$/.test(path)) continue;
    for (const value of values) if (value !== '') found.set(`${path} ${value}`, { key: path, value });
  }
  return [...found.values()];
}
