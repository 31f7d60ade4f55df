// What a checkout of public detections holds that can be checked and run.
import { relative } from 'node:path';
import { contentIndex } from '../dist/content/index.js';
import { catalogue } from '../dist/tables/index.js';
import { queriesOf } from '../dist/workspace/check.js';

/** The files of a folder, and the functions that they may call: its own before those that ship. */
export async function filesUnder(folder) {
  const own = await contentIndex({ parsers: [folder], builtIn: false, pages: true });
  const shipped = await contentIndex();
  const index = { function: (name) => own.function(name) ?? shipped.function(name) };
  const files = new Map();
  for (const part of own.files) {
    if (!part.content && part.diagnostics.length === 0) continue;
    const path = relative(folder, part.name);
    const file = files.get(path) ?? { path, text: part.text, parts: [] };
    file.parts.push(part);
    files.set(path, file);
  }
  return { index, files };
}

/** The queries of a file: a rule has one, a page or a text file may have several. */
export const unitsOf = (file) => file.parts.flatMap(unitsOfPart);

function unitsOfPart(part) {
  const { content } = part;
  if (!content) return [];
  const unit = (text, inner = content) => ({ part, content: inner, title: inner.title ?? inner.name, text });
  if (content.type === 'rule' || content.type === 'hunting') return [unit(content.query)];
  if (content.type === 'query' || content.isPlain) return queriesOf(content).map((q) => unit(q.text, q));
  // What a tabular parameter is filled with decides what comes out: such a function is checked, and runs where it is called.
  if (content.parameters.some((p) => p.type.startsWith('('))) return [{ ...unit(content.body), isCalled: true }];
  const lets = content.parameters.map((p) => {
    const none = p.type === 'string' ? "''" : `${p.type}(null)`;
    return `let ['${p.name}'] = ${p.default || none};\n`;
  });
  return [{ ...unit(content.body), text: lets.join('') + content.body }];
}

const names = (text) => new Set(text.match(/[A-Za-z_]\w*/g) ?? []);

/** What the texts name, and what the bodies of the functions that they call name: tables, and those bodies. */
export function namedIn(texts, index) {
  const seen = new Set();
  const tables = new Set();
  const bodies = [];
  const walk = (part) => {
    for (const name of names(part)) {
      if (seen.has(name)) continue;
      seen.add(name);
      const stored = index.function(name);
      if (stored) {
        bodies.push(stored.body);
        walk(stored.body);
      } else if (catalogue.table(name)) tables.add(name);
    }
  };
  for (const text of texts) walk(text);
  return { tables: [...tables], bodies };
}
