// What a checkout of public detections holds that can be checked and run.
import { relative } from 'node:path';
import { contentIndex } from '../dist/content/index.js';
import { catalogue } from '../dist/tables/index.js';
import { queriesOf } from '../dist/workspace/check.js';

function unitsOf(file) {
  const { content } = file;
  if (!content) return [];
  const unit = (text, part = content) => ({ file, content: part, text });
  if (content.type === 'rule' || content.type === 'hunting') return [unit(content.query)];
  if (content.type === 'query' || content.isPlain) return queriesOf(content).map((q) => unit(q.text, q));
  if (content.parameters.some((p) => p.type.startsWith('('))) return [{ ...unit(content.body), isCalled: true }];
  const lets = content.parameters.map((p) => {
    const none = p.type === 'string' ? "''" : `${p.type}(null)`;
    return `let ['${p.name}'] = ${p.default || none};\n`;
  });
  return [{ ...unit(content.body), text: lets.join('') + content.body }];
}

/** The units that an earlier run wrote with --failures. */
export const namesOfUnits = (lines) =>
  new Set(lines.map((line) => JSON.parse(line)).map((u) => `${u.path}\n${u.title}`));
const titleOf = (unit) => unit.content.title ?? unit.content.name;

/** The files of a folder, its units, and the functions that they may call: its own before those that ship. */
export async function unitsUnder(folder, only, again) {
  const own = await contentIndex({ parsers: [folder], builtIn: false, pages: true });
  const shipped = await contentIndex();
  const index = { function: (name) => own.function(name) ?? shipped.function(name) };
  const named = own.files.filter((f) => f.content || f.diagnostics.length);
  const wanted = only && new RegExp(only, 'i');
  const units = own.files
    .flatMap(unitsOf)
    .map((u) => ({ ...u, path: relative(folder, u.file.name) }))
    .filter((u) => !again || again.has(`${u.path}\n${titleOf(u)}`))
    .filter((u) => !wanted || wanted.test(u.path) || wanted.test(u.text));
  return {
    index,
    units,
    files: new Set(named.map((f) => f.name)).size,
    broken: new Set(named.filter((f) => !f.content && f.diagnostics.length).map((f) => f.name)).size,
  };
}

const names = (text) => new Set(text.match(/[A-Za-z_]\w*/g) ?? []);

/** All tables that the texts name, in the bodies of the functions that they call too. */
export function tablesIn(texts, index) {
  const seen = new Set();
  const tables = new Set();
  const walk = (part) => {
    for (const name of names(part)) {
      if (seen.has(name)) continue;
      seen.add(name);
      const stored = index.function(name);
      if (stored) walk(stored.body);
      else if (catalogue.table(name)) tables.add(name);
    }
  };
  for (const text of texts) walk(text);
  return [...tables];
}
