import { fail } from '../base/index.js';
import type { Rel } from '../ir/index.js';
import type { Node } from '../kql/index.js';
import type { Context } from './context.js';

/** Reads a table of the workspace. */
export function scanTable(node: Node, name: string, cx: Context): Rel {
  const inline = cx.session.inline(name);
  if (inline) return inline;
  const schema = cx.session.table(name);
  if (!schema) fail('KQL1001', `there is no table, view or function '${name}'`, { span: node.span });
  cx.session.tables.add(name);
  return { kind: 'Scan', table: name, columns: schema.columns, span: node.span };
}
