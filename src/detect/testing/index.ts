import { type AnalyticRule, loadFile } from '../../content/index.js';
import type { Column, KqlType } from '../../tables/index.js';
import { type ResultRow, resultRows } from '../result-row.js';

/** A rule that alerts on any row, with YAML of its own after the required keys; a key of `changes` replaces one of those. */
export function testRule(more = '', changes: Record<string, string> = {}): AnalyticRule {
  const keys = {
    id: '11111111-2222-4333-8444-555555555555',
    name: 'Test rule',
    description: 'What it finds.',
    severity: 'Medium',
    queryFrequency: '1h',
    queryPeriod: '1h',
    triggerOperator: 'gt',
    triggerThreshold: '0',
    query: 'CommonSecurityLog',
    ...changes,
  };
  const head = Object.entries(keys).map(([key, value]) => `${key}: ${value}`);
  const file = loadFile(`${head.join('\n')}\n${more}`, 'test-rule.yaml');
  if (file.content?.type !== 'rule') throw new Error(file.diagnostics.map((d) => d.message).join('\n'));
  return file.content;
}

/** Result rows from objects; columns are those of the first one, strings unless their type is told. */
export function testRows(
  objects: readonly Record<string, unknown>[],
  types: Readonly<Record<string, KqlType>> = {},
): ResultRow[] {
  const names = Object.keys(objects[0] ?? {});
  const columns: Column[] = names.map((name) => ({ name, type: types[name] ?? 'string' }));
  return resultRows({ columns, rows: objects.map((object) => names.map((name) => object[name] ?? null)) });
}
