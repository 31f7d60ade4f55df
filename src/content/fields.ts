import { isAlias, isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from 'yaml';
import type { Diagnostic, Severity, Span } from '../base/index.js';
import type { FunctionSource } from '../kql/index.js';
import { parseDuration } from './duration.js';
import { scalarSource } from './scalar-source.js';
import type { YamlFile } from './yaml-file.js';

/**
 * Reads one mapping of a file, as tolerantly as files ask for: keys in any case, quoted numbers, null and empty values
 * as absent, blanks around values. Each problem becomes a diagnostic that points at the value.
 */
export class Fields {
  constructor(
    readonly file: YamlFile,
    private readonly map: YAMLMap,
    private readonly diagnostics: Diagnostic[],
  ) {}

  keys(): string[] {
    return this.map.items.map((pair) => String(isScalar(pair.key) ? pair.key.value : pair.key));
  }

  node(key: string): Node | undefined {
    const value = this.pair(key)?.value;
    const node = isAlias(value) ? value.resolve(this.file.document) : (value as Node | null | undefined);
    return !node || isEmpty(node) ? undefined : node;
  }

  /** Whether the key has a value; with `orEmpty`, whether it is there at all. */
  has(key: string, orEmpty = false): boolean {
    return orEmpty ? this.pair(key) !== undefined : this.node(key) !== undefined;
  }

  /** A key that stands twice means two things. */
  checkDuplicates(): void {
    const seen = new Set<string>();
    for (const key of this.keys()) {
      if (seen.has(key)) this.problem(key, `the key ${key} stands twice`);
      seen.add(key);
    }
  }

  /** Text without the blanks around it; numbers and booleans as the author wrote them. */
  text(key: string): string | undefined {
    const node = this.node(key);
    if (!node) return undefined;
    const text = scalarText(node);
    if (text === undefined) this.problem(key, `${key} must be text`);
    return text?.trim() || undefined;
  }

  /** A KQL text as it stands, with its place in the file. */
  source(key: string): { text: string; source: FunctionSource } | undefined {
    const node = this.node(key);
    if (!node) return undefined;
    if (!isScalar(node) || typeof node.value !== 'string') {
      this.problem(key, `${key} must be text`);
      return undefined;
    }
    const scalar = node as Scalar<string>;
    return { text: scalar.value, source: scalarSource(this.file.name, this.file.text, scalar) };
  }

  oneOf<T extends string>(key: string, values: readonly T[], aliases: Readonly<Record<string, T>> = {}): T | undefined {
    const text = this.text(key);
    if (text === undefined) return undefined;
    const wanted = text.toLowerCase();
    const found =
      values.find((v) => v.toLowerCase() === wanted) ??
      Object.entries(aliases).find(([alias]) => alias.toLowerCase() === wanted)?.[1];
    if (!found) this.problem(key, `${key} must be one of ${values.join(', ')}, not ${quote(text)}`);
    return found;
  }

  bool(key: string): boolean | undefined {
    const text = this.oneOf(key, ['true', 'false'], { yes: 'true', no: 'false' });
    return text === undefined ? undefined : text === 'true';
  }

  integer(key: string): number | undefined {
    const text = this.text(key);
    if (text === undefined) return undefined;
    if (/^\d{1,15}$/.test(text)) return Number(text);
    this.problem(key, `${key} must be a whole number of at least 0, not ${quote(text)}`);
    return undefined;
  }

  /** Milliseconds. */
  duration(key: string): number | undefined {
    const text = this.text(key);
    if (text === undefined) return undefined;
    const ms = parseDuration(text);
    if (ms === undefined) {
      this.problem(key, `${key} must be a duration such as 1d, 5h, 30m or PT5H, not ${quote(text)}`);
    }
    return ms;
  }

  child(key: string): Fields | undefined {
    const node = this.node(key);
    if (!node) return undefined;
    if (isMap(node)) return new Fields(this.file, node, this.diagnostics);
    this.problem(key, `${key} must be a mapping`);
    return undefined;
  }

  /** Entries of a list of mappings; a single mapping counts as a list of one. */
  children(key: string): Fields[] {
    return this.entries(key).flatMap((node) => {
      if (isMap(node)) return [new Fields(this.file, node, this.diagnostics)];
      this.problem(key, `each entry of ${key} must be a mapping`, { node });
      return [];
    });
  }

  /** Entries of a list of texts; a single text counts as a list of one. */
  texts(key: string): string[] {
    return this.entries(key).flatMap((node) => {
      const text = scalarText(node)?.trim();
      if (text === undefined) this.problem(key, `each entry of ${key} must be text`, { node });
      return text ? [text] : [];
    });
  }

  /** A required value that is missing is a problem of the whole mapping. */
  require<T>(key: string, value: T | undefined): T | undefined {
    if (value === undefined && !this.has(key)) this.problem(key, `${key} is missing`);
    return value;
  }

  problem(
    key: string | undefined,
    message: string,
    more: { severity?: Severity; hint?: string; node?: Node; hideValue?: true } = {},
  ): void {
    this.diagnostics.push({
      code: 'RUL3002',
      severity: more.severity ?? 'error',
      message,
      source: { name: this.file.name, text: more.hideValue ? '' : this.file.text },
      span: more.hideValue ? undefined : (spanOf(more.node) ?? this.spanOfKey(key)),
      hint: more.hint,
    });
  }

  private entries(key: string): Node[] {
    const node = this.node(key);
    if (!node) return [];
    const items = isSeq(node) ? (node.items as Node[]) : [node];
    return items.flatMap((item) => {
      const entry: Node | undefined = isAlias(item) ? item.resolve(this.file.document) : item;
      return !entry || isEmpty(entry) ? [] : [entry];
    });
  }

  private pair(key: string) {
    const nameOf = (pair: (typeof this.map.items)[number]) => String(isScalar(pair.key) ? pair.key.value : pair.key);
    return (
      this.map.items.find((pair) => nameOf(pair) === key) ??
      this.map.items.find((pair) => nameOf(pair).trim().toLowerCase() === key.toLowerCase())
    );
  }

  private spanOfKey(key: string | undefined): Span | undefined {
    const pair = key === undefined ? undefined : this.pair(key);
    const value = pair?.value as Node | null | undefined;
    if (pair && value && isScalar(value) && value.value !== null) return spanOf(value);
    if (pair) return spanOf(pair.key as Node);
    const first = this.map.range?.[0];
    return first === undefined ? undefined : { start: first, end: first };
  }
}

const isEmpty = (node: Node) => isScalar(node) && (node.value === null || node.value === '');

const quote = (text: string) => `'${text.length > 60 ? `${text.slice(0, 57)}…` : text}'`;

const spanOf = (node: Node | undefined): Span | undefined =>
  node?.range ? { start: node.range[0], end: node.range[1] } : undefined;

/** `1.10` must stay `1.10` and `08` must stay `08`, so the author's spelling wins over the YAML value. */
export function scalarText(node: Node): string | undefined {
  if (!isScalar(node)) return undefined;
  if (typeof node.value === 'string') return node.value;
  return node.value === null ? undefined : (node.source ?? String(node.value));
}
