import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Diagnostic, failure, type Result, success } from '../base/index.js';
import type { StoredFunction } from '../kql/index.js';
import { storedFunctions } from './function.js';
import { type ContentText, type LoadedFile, loadContent, loadParts, readTexts } from './load.js';
import type { AnalyticRule, Content, HuntingQuery } from './model.js';

/** Where content comes from. What stands in an upper layer hides the same name in those below. */
export interface ContentLayers {
  /** Folders or files of `--parsers`. */
  readonly parsers?: readonly string[] | undefined;
  /** The content folder of the workspace; it need not exist. */
  readonly workspace?: string | undefined;
  /** The folder of the shipped content; `false` leaves it out. */
  readonly builtIn?: string | false | undefined;
  /** Also pages and deployment templates of `parsers`. */
  readonly pages?: boolean | undefined;
}

/** Everything that can be run or called by name. */
export interface ContentIndex {
  /** The function that KQL means by a name; names are case-sensitive. */
  function(name: string): StoredFunction | undefined;
  readonly functionNames: readonly string[];
  readonly rules: readonly AnalyticRule[];
  readonly huntingQueries: readonly HuntingQuery[];
  /** A rule by id or name, in any case, or by the path of a YAML file. */
  rule(idNameOrPath: string): Promise<Result<AnalyticRule>>;
  readonly files: readonly LoadedFile[];
  /** Findings of all layers; names that are registered twice in one layer too (RUL3003). */
  readonly diagnostics: readonly Diagnostic[];
}

/** The `content` folder of the package, beside `src` and `dist` alike. */
export const builtInContent = (): string => fileURLToPath(new URL('../../content', import.meta.url));

/**
 * Reads the texts of all layers; a file is parsed when a function whose name it spells is asked for, or when everything
 * is. A workspace may hold thousands of files, and a query needs few of them.
 */
export async function contentIndex(layers: ContentLayers = {}): Promise<ContentIndex> {
  const builtIn = layers.builtIn === false ? undefined : (layers.builtIn ?? builtInContent());
  const paths: (readonly string[])[] = [
    layers.parsers ?? [],
    layers.workspace ? [layers.workspace].filter(existsSync) : [],
    builtIn ? [join(builtIn, 'rules'), join(builtIn, 'parsers')].filter(existsSync) : [],
  ];
  const read: Layer[] = [];
  for (const layer of paths) {
    const { texts, unreadable } = await readTexts(layer, { pages: layers.pages });
    read.push({ texts: texts.map((text) => new LazyFile(text)), unreadable });
  }
  return new LazyIndex(read);
}

interface Layer {
  readonly texts: readonly LazyFile[];
  readonly unreadable: readonly Diagnostic[];
}

class LazyFile {
  private parsed: readonly LoadedFile[] | undefined;

  constructor(private readonly source: ContentText) {}

  get parts(): readonly LoadedFile[] {
    this.parsed ??= loadParts(this.source.text, this.source.name);
    return this.parsed;
  }

  /** Can it define a function of that name? A text file is named by its file. */
  spells(name: string): boolean {
    return this.source.text.includes(name) || basename(this.source.name).startsWith(name);
  }
}

interface Everything extends Omit<ContentIndex, 'function' | 'rule'> {
  readonly functions: ReadonlyMap<string, StoredFunction>;
}

class LazyIndex implements ContentIndex {
  private everything: Everything | undefined;
  private readonly found = new Map<string, StoredFunction | undefined>();

  constructor(private readonly layers: readonly Layer[]) {}

  readonly function = (name: string): StoredFunction | undefined => {
    if (this.everything) return this.everything.functions.get(name);
    if (!this.found.has(name)) this.found.set(name, this.find(name));
    return this.found.get(name);
  };

  get functionNames() {
    return this.all.functionNames;
  }
  get rules() {
    return this.all.rules;
  }
  get huntingQueries() {
    return this.all.huntingQueries;
  }
  get files() {
    return this.all.files;
  }
  get diagnostics() {
    return this.all.diagnostics;
  }

  rule(wanted: string): Promise<Result<AnalyticRule>> {
    return findRule(this.all.rules, wanted);
  }

  private find(name: string): StoredFunction | undefined {
    for (const { texts } of this.layers)
      for (const file of texts) {
        const functions = file.spells(name) ? file.parts.flatMap(functionsOf) : [];
        const stored = functions.find((f) => f.name === name);
        if (stored) return stored;
      }
    return undefined;
  }

  private get all(): Everything {
    this.everything ??= everythingOf(this.layers);
    return this.everything;
  }
}

function functionsOf({ content }: LoadedFile): readonly StoredFunction[] {
  const isCallable = content?.type === 'parser' || content?.type === 'function';
  return isCallable ? storedFunctions(content) : [];
}

function everythingOf(layers: readonly Layer[]): Everything {
  const files: LoadedFile[] = [];
  const diagnostics: Diagnostic[] = [];
  const functions = new Map<string, StoredFunction>();
  const rules = new Map<string, AnalyticRule>();
  const hunting = new Map<string, HuntingQuery>();
  for (const { texts, unreadable } of layers) {
    const loaded = texts.flatMap((file) => file.parts);
    diagnostics.push(...unreadable, ...loaded.flatMap((file) => file.diagnostics));
    files.push(...loaded);
    const here = new Map<string, LoadedFile>();
    for (const file of loaded) {
      const { content } = file;
      if (!content) continue;
      for (const key of keysOf(content)) {
        const twin = here.get(key);
        if (!twin) here.set(key, file);
        else if (twin.content!.hash !== content.hash) diagnostics.push(registeredTwice(key, file, twin));
      }
      if (content.type === 'rule') keepFirst(rules, content.id.toLowerCase(), content);
      else if (content.type === 'hunting') keepFirst(hunting, content.id.toLowerCase(), content);
      else for (const stored of functionsOf(file)) keepFirst(functions, stored.name, stored);
    }
  }
  return {
    functions,
    functionNames: [...functions.keys()].sort(),
    rules: [...rules.values()],
    huntingQueries: [...hunting.values()],
    files,
    diagnostics,
  };
}

const keysOf = (content: Content): readonly string[] =>
  content.type === 'rule' || content.type === 'hunting'
    ? [`${content.type} ${content.id.toLowerCase()}`]
    : content.type === 'query'
      ? []
      : content.names;

function keepFirst<T>(map: Map<string, T>, key: string, value: T): void {
  if (!map.has(key)) map.set(key, value);
}

const registeredTwice = (key: string, file: LoadedFile, twin: LoadedFile): Diagnostic => ({
  code: 'RUL3003',
  severity: 'warning',
  message: `${key} is registered by ${twin.name} already; this file is not used`,
  source: { name: file.name, text: file.text },
  span: { start: 0, end: 0 },
});

async function findRule(rules: readonly AnalyticRule[], wanted: string): Promise<Result<AnalyticRule>> {
  const lower = wanted.trim().toLowerCase();
  const byId = rules.find((rule) => rule.id.toLowerCase() === lower);
  if (byId) return success(byId);
  const byName = rules.filter((rule) => rule.name.toLowerCase() === lower);
  if (byName.length === 1) return success(byName[0]!);
  if (byName.length > 1) {
    const ids = byName.map((rule) => rule.id).join(', ');
    return noRule(`${byName.length} rules are called ${wanted}`, `use an id: ${ids}`);
  }
  if (!existsSync(wanted)) return noRule(`no rule has the id or name ${wanted}, and no such file exists`);
  const loaded = await loadContent([wanted]);
  const found = loaded.files.flatMap((file) => (file.content?.type === 'rule' ? [file.content] : []));
  if (found.length === 1) return success(found[0]!, loaded.diagnostics);
  if (loaded.diagnostics.some((d) => d.severity === 'error')) return failure(loaded.diagnostics);
  return noRule(found.length === 0 ? `${wanted} holds no scheduled or NRT rule` : `${wanted} holds several rules`);
}

const noRule = (message: string, hint?: string): Result<never> =>
  failure([{ code: 'RUL3005', severity: 'error', message, hint }]);
