import { type Document, isMap, Lexer, parseAllDocuments, visit, type YAMLMap } from 'yaml';
import { type Diagnostic, failure, type Result, type Span, success } from '../base/index.js';

/** Characters of a content file. The largest public rules and parsers have a tenth of it. */
export const MAX_FILE_CHARS = 1_000_000;
/** Aliases in a file. Expanding aliases of aliases is how a small file becomes a huge one. */
export const MAX_ALIASES = 100;
/** Nested `[` and `{` in a file; rules need three. */
export const MAX_FLOW_DEPTH = 50;
/** Column of a `-` or `?`; compact nesting (`- - - x`) goes deeper with every one of them. */
export const MAX_INDICATOR_COLUMN = 200;

export interface YamlFile {
  readonly name: string;
  readonly text: string;
  readonly document: Document;
  /** Undefined when the top of the file is not a mapping. */
  readonly root: YAMLMap | undefined;
}

export const tooLong = (name: string, characters: number): Diagnostic => ({
  code: 'RUL3001',
  severity: 'error',
  message: `the file has ${characters} characters; ${MAX_FILE_CHARS} are accepted`,
  source: { name, text: '' },
  span: { start: 0, end: 0 },
});

/** Parses YAML into nodes that know their place; a file can hold several documents. Errors RUL3001. */
export function readYaml(name: string, text: string): Result<readonly YamlFile[]> {
  const problem = (message: string, span: Span, shown = text): Diagnostic => ({
    code: 'RUL3001',
    severity: 'error',
    message,
    source: { name, text: shown },
    span,
  });
  const start = { start: 0, end: 0 };
  if (text.length > MAX_FILE_CHARS) return failure([tooLong(name, text.length)]);
  const tooDeep = nestedTooDeep(text);
  if (tooDeep !== undefined) {
    return failure([problem('collections are nested too deep', { start: tooDeep, end: tooDeep + 1 })]);
  }

  // Duplicate keys are looked for by the reader of each mapping: the library's own check is quadratic.
  const parsed = parseAllDocuments(text, { prettyErrors: false, logLevel: 'error', uniqueKeys: false });
  const documents = 'empty' in parsed ? [] : parsed;
  const errors = documents.flatMap((d) => d.errors.map((e) => problem(e.message, { start: e.pos[0], end: e.pos[1] })));
  if (errors.length > 0) return failure(errors);

  let aliases = 0;
  const count = () => (++aliases > MAX_ALIASES ? visit.BREAK : undefined);
  for (const document of documents) visit(document, { Alias: count });
  if (aliases > MAX_ALIASES) return failure([problem(`the file has more than ${MAX_ALIASES} aliases`, start)]);
  return success(
    documents.map((document) => {
      const root = isMap(document.contents) ? document.contents : undefined;
      return { name, text, document, root };
    }),
  );
}

/** The parser recurses, and deep enough nesting ends the whole process; the lexer does not. */
function nestedTooDeep(text: string): number | undefined {
  let depth = 0;
  let offset = 0;
  let lineStart = 0;
  let scalar = false;
  for (const lexeme of new Lexer().lex(text)) {
    if (!scalar && lexeme.length === 1 && controls.has(lexeme)) {
      // The marks of the lexer take no room in the text; the one before a scalar says that its text comes next.
      scalar = lexeme === SCALAR;
      continue;
    }
    if (!scalar) {
      if ((lexeme === '[' || lexeme === '{') && ++depth > MAX_FLOW_DEPTH) return offset;
      if (lexeme === ']' || lexeme === '}') depth--;
      if ((lexeme === '-' || lexeme === '?') && offset - lineStart > MAX_INDICATOR_COLUMN) return offset;
    }
    scalar = false;
    offset += lexeme.length;
    const newline = lexeme.lastIndexOf('\n');
    if (newline >= 0) lineStart = offset - (lexeme.length - newline - 1);
  }
  return undefined;
}

const SCALAR = '\x1f';
const controls = new Set([SCALAR, '\x02', '\x18']);
