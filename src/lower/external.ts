import { fail } from '../base/index.js';
import { delimiters, type ExternalFormat, type ExternalSettings, formatOf } from '../functions/index.js';
import { call, column, type Expr, type Hosted, literal, literalValue, type Rel } from '../ir/index.js';
import type { Node } from '../kql/index.js';
import type { Column, KqlType } from '../tables/index.js';
import { type Context, findColumn, unsupported } from './context.js';
import { lowerExpr } from './expression.js';
import { optionOf } from './options.js';
import { project } from './rel-helpers.js';

const readable = new Set<string>([...Object.keys(delimiters), 'txt', 'raw', 'json', 'multijson']);
const isJson = (format: string) => format === 'json' || format === 'multijson';

/** `externaldata (…) […]`: small tables from files and addresses, read when the query runs, if that is allowed then. */
export function externalDataTable(node: Node, cx: Context): Rel {
  const properties = propertiesOf(node, cx);
  const known = new Set(['format', 'ignorefirstrecord', 'ingestionmapping', 'zippattern']);
  for (const name of properties.keys())
    if (!known.has(name)) unsupported(node, `the property ${name} is not supported`);
  return external(node, node.list('URIs'), cx, {
    format: textOf(properties.get('format')),
    header: String(properties.get('ignorefirstrecord')) === 'true' ? 'all' : 'none',
    mapping: textOf(properties.get('ingestionmapping')),
    packed: properties.has('zippattern'),
  });
}

export function inlineExternalTable(node: Node, cx: Context): Rel {
  const kind = node
    .child('KindParameter')
    ?.text.replace(/^kind\s*=\s*/i, '')
    .trim();
  if (kind !== 'storage') return unsupported(node, `kind=${kind ?? ''} is not supported`, 'kind=storage');
  for (const part of ['PathFormat', 'PartitionClause'])
    if (node.child(part))
      return unsupported(node, 'a path that holds values of columns is not supported', 'the files, one by one');
  const properties = propertiesOf(node, cx);
  for (const name of properties.keys())
    if (name !== 'includeheaders' && name !== 'encoding') unsupported(node, `the property ${name} is not supported`);
  if (!/^utf8/i.test(textOf(properties.get('encoding')) ?? 'utf8')) return unsupported(node, 'texts must be UTF-8');
  const headers = textOf(properties.get('includeheaders'))?.toLowerCase() ?? 'none';
  const header =
    headers === 'all' ? 'all' : headers === 'firstfile' ? 'first' : headers === 'none' ? 'none' : undefined;
  if (!header) return unsupported(node, `includeHeaders=${headers} is not known`, 'All, FirstFile or None');
  const format = node
    .child('DataFormatParameter')
    ?.text.replace(/^dataformat\s*=\s*/i, '')
    .trim();
  const uris = node.get('ConnectionStrings').list('ConnectionStrings');
  return external(node, uris, cx, { format, header, mapping: undefined });
}

interface Reading {
  readonly format: string | undefined;
  readonly header: ExternalSettings['header'];
  readonly mapping: string | undefined;
  readonly packed?: boolean;
}

function external(node: Node, uris: readonly Node[], cx: Context, reading: Reading): Rel {
  if (literalValue(optionOf('request_external_data_disabled', cx)) === true)
    fail('KQL4006', 'the query itself forbids external data', { span: node.span });
  const columns = (node.columns ?? []).map((c): Column => ({ name: c.name, type: c.type }));
  const sources = uris.map((u) => {
    const uri = literalValue(lowerExpr(u, { ...cx, row: { columns: [] } }));
    if (typeof uri !== 'string') return unsupported(u, 'the address of external data must be a literal text');
    if (uri.includes(';'))
      return unsupported(u, 'external data is read without an account', 'an address with a key, or a file');
    const format = (reading.format ?? formatOf(uri.replace(/[?#].*$/s, ''))).toLowerCase();
    if (!readable.has(format))
      return unsupported(u, `external data as ${format} is not supported`, `one of ${[...readable].join(', ')}`);
    return { uri, format: format as ExternalFormat };
  });
  const json = sources.map((s) => isJson(s.format));
  if (json.some((j) => j !== json[0]))
    return unsupported(node, 'JSON and other formats in one table are not supported');
  const mapping = reading.mapping === undefined ? undefined : mappingOf(reading.mapping, columns, node);
  const read = (fields: readonly number[], given: readonly Column[]): Hosted => ({
    kind: 'Hosted',
    input: { kind: 'Values', columns: [{ name: 'row', type: 'long' }], rows: [[literal('long', 1n)]] },
    operation: { name: 'external-data', settings: { sources, fields, header: reading.header, packed: reading.packed } },
    columns: given,
    span: node.span,
  });
  if (json[0]) {
    const record: Column = { name: 'record', type: 'string' };
    const whole = call('parse_json', 'dynamic', [column(record)]);
    const items = columns.map((c) => {
      const path = mapping?.get(c.name)?.path ?? (mapping ? undefined : [c.name]);
      const value = path?.reduce<Expr>((of, key) => call('.', 'dynamic', [of, keyOf(key)]), whole);
      return { name: c.name, expr: value ? to(c.type, value) : literal(c.type, c.type === 'string' ? '' : null) };
    });
    return project(read([0], [record]), items, node.span);
  }
  const fields = columns.map((c, i) => {
    const ordinal = mapping ? mapping.get(c.name)?.ordinal : i;
    return ordinal ?? -1;
  });
  const texts = columns.map((c): Column => ({ name: c.name, type: 'string' }));
  return project(
    read(fields, texts),
    columns.map((c, i) => ({ name: c.name, expr: to(c.type, column(texts[i]!)) })),
    node.span,
  );
}

const keyOf = (key: string | number): Expr =>
  typeof key === 'number' ? literal('long', BigInt(key)) : literal('string', key);

const to = (type: KqlType, value: Expr): Expr =>
  value.type === type
    ? value
    : type === 'dynamic'
      ? call('parse_json', type, [value])
      : call(`to${type}`, type, [value]);

function propertiesOf(node: Node, cx: Context) {
  const list = node.child('WithClause')?.list('Properties') ?? [];
  return new Map(
    list.map((p) => [
      p.get('Name').name.toLowerCase(),
      bareWord(p.get('Expression')) ?? literalValue(lowerExpr(p.get('Expression'), { ...cx, row: undefined })),
    ]),
  );
}

/** `format=csv`, without quotes. */
const bareWord = (node: Node): string | undefined => (node.kind === 'NameDeclaration' ? node.name : undefined);

const textOf = (value: unknown): string | undefined => (value === undefined ? undefined : String(value));

interface Mapped {
  readonly ordinal?: number;
  readonly path?: readonly (string | number)[];
}

/** An ingestion mapping: where the value of each column lies in a record. */
function mappingOf(text: string, columns: readonly Column[], node: Node): Map<string, Mapped> {
  let list: unknown;
  try {
    // Kusto's reader takes a comma before the end of a list.
    list = JSON.parse(text.replace(/,(\s*[\]}])/g, '$1'));
  } catch {
    return unsupported(node, 'the ingestion mapping is no JSON');
  }
  if (!Array.isArray(list)) return unsupported(node, 'the ingestion mapping is no array');
  const mapped = new Map<string, Mapped>();
  for (const entry of list as Record<string, unknown>[]) {
    const of = lowerKeys(entry);
    const properties = { ...of, ...lowerKeys((of.properties ?? {}) as Record<string, unknown>) };
    const name = String(of.column ?? of.name ?? '');
    if (!findColumn(columns, name)) return unsupported(node, `the mapping names '${name}', which is no column`);
    if (properties.transform !== undefined || properties.constvalue !== undefined)
      return unsupported(node, 'a mapping that transforms or sets values is not supported', 'extend');
    mapped.set(name, {
      ...(properties.ordinal === undefined ? {} : { ordinal: Number(properties.ordinal) }),
      ...(properties.path === undefined ? {} : { path: pathOf(String(properties.path), node) }),
    });
  }
  return mapped;
}

const lowerKeys = (of: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(of).map(([k, v]) => [k.toLowerCase(), v]));

function pathOf(path: string, node: Node): (string | number)[] {
  const rest = path.replace(/^\$/, '');
  const keys = [...rest.matchAll(/\.([\w-]+)|\[(\d+)\]|\[(?:'([^']*)'|"([^"]*)")\]/g)];
  if (keys.map((k) => k[0]).join('') !== rest || !path.startsWith('$'))
    return unsupported(node, `the path ${path} of the mapping is not supported`, "a path such as $.a.b[0]['c d']");
  return keys.map((k) => (k[2] === undefined ? (k[1] ?? k[3] ?? k[4] ?? '') : Number(k[2])));
}
