import type { StoredFunction, StoredParameter } from '../kql/index.js';
import { catalogue, kqlTypes } from '../tables/index.js';
import type { Fields } from './fields.js';
import { contentHash } from './hash.js';
import { plainQuery } from './loose-queries.js';
import type { AsimFunction, FunctionContent, LooseQuery, Parser } from './model.js';
import { wholeFile } from './scalar-source.js';

/** Reads an ASIM parser: `ParserName`, `EquivalentBuiltInParser`, `ParserParams`, `ParserQuery`. */
export function readParser(fields: Fields): Parser | undefined {
  const parserName = fields.require('ParserName', fields.text('ParserName'));
  const query = fields.source('ParserQuery');
  if (!query) fields.problem('ParserQuery', 'ParserQuery is missing');
  const parameters = readParameters(fields, 'ParserParams');
  if (!parserName || !query || !parameters) return undefined;
  const equivalentBuiltInParser = fields.text('EquivalentBuiltInParser');
  const normalization = fields.child('Normalization');
  const parser = fields.child('Parser');
  return {
    type: 'parser',
    title: parser?.text('Title') ?? parserName,
    parserName,
    equivalentBuiltInParser,
    names: distinct([parserName, equivalentBuiltInParser]),
    parameters,
    body: query.text,
    source: query.source,
    schema: normalization?.text('Schema') ?? '',
    product: fields.child('Product')?.text('Name') ?? '',
    parsers: fields.texts('Parsers'),
    version: parser?.text('Version') ?? '',
    hash: contentHash(fields.file.text),
  };
}

/** Reads an ASIM function (`EquivalentBuiltInFunction`, `FunctionParams`) or a solution's parser (`FunctionAlias`). */
export function readFunction(fields: Fields): AsimFunction | undefined {
  const functionName = fields.text('FunctionName');
  const alias = fields.text('FunctionAlias');
  if (!functionName && !alias) fields.problem('FunctionName', 'FunctionName is missing');
  const query = fields.source('FunctionQuery');
  if (!query) fields.problem('FunctionQuery', 'FunctionQuery is missing');
  const parameters = readParameters(fields, 'FunctionParams');
  if (!(functionName ?? alias) || !query || !parameters) return undefined;
  const about = fields.child('Function');
  return {
    type: 'function',
    title: about?.text('Title') ?? functionName ?? alias ?? '',
    names: distinct([functionName, alias, fields.text('EquivalentBuiltInFunction')]),
    parameters,
    body: query.text,
    source: query.source,
    schema: fields.child('Normalization')?.text('Schema') ?? '',
    version: about?.text('Version') ?? '',
    hash: contentHash(fields.file.text),
  };
}

/**
 * A text file that is all KQL: a legacy parser, called by its file name, when that is a name that KQL can spell. No function
 * can have the name of a table: a file `Anomalies.kql` holds a query of the table.
 */
export function readPlainFile(name: string, text: string): AsimFunction | LooseQuery {
  const stem = name.replace(/^.*[\\/]/, '').replace(/\.[^.]*$/, '');
  if (!/^[A-Za-z_]\w*$/.test(stem) || catalogue.table(stem)) return plainQuery(name, text);
  return {
    type: 'function',
    isPlain: true,
    title: stem,
    names: [stem],
    parameters: [],
    body: text,
    source: wholeFile(name, text),
    schema: '',
    version: '',
    hash: contentHash(text),
  };
}

/** One stored function for each name that the content answers to. */
export const storedFunctions = (content: FunctionContent): StoredFunction[] =>
  content.names.map((name) => ({ name, parameters: content.parameters, body: content.body, source: content.source }));

const distinct = (names: readonly (string | undefined)[]) => [...new Set(names.filter((n): n is string => !!n))];

function readParameters(fields: Fields, key: string): StoredParameter[] | undefined {
  const parameters: StoredParameter[] = [];
  let good = true;
  for (const parameter of fields.children(key)) {
    const [name, schema] = nameAndSchema(parameter.require('Name', parameter.text('Name')));
    const typeText = schema ? `table:${schema}` : parameter.require('Type', parameter.text('Type'));
    const type = typeText && parameterType(typeText);
    if (typeText && !type) {
      parameter.problem('Type', `'${typeText}' is not a type of KQL`, { hint: `types: ${kqlTypes.join(', ')}, table` });
    }
    if (name && type) parameters.push({ name, type, default: readDefault(parameter, type) });
    else good = false;
  }
  return good ? parameters : undefined;
}

/** ASIM's library writes the columns of a table beside its name: `T:(a:long)`, of the type `table`. */
function nameAndSchema(text: string | undefined): [name: string | undefined, schema: string | undefined] {
  const found = text && /^([^\s:]+)\s*:\s*(\([^()]*\))$/s.exec(text);
  return found ? [found[1], found[2]] : [text, undefined];
}

/** `table:(a:long)` becomes `(a:long)`, a bare `table` becomes `(*)`; other names of .NET types are spelled KQL's way. */
function parameterType(text: string): StoredParameter['type'] | undefined {
  const lower = text.toLowerCase();
  const table = /^(?:table|tabular)\s*(?::\s*)?(\([^()]*\))?$/s.exec(lower);
  if (table) return (table[1] ? text.slice(text.indexOf('(')) : '(*)') as StoredParameter['type'];
  if (/^\([^()]*\)$/s.test(text)) return text as StoredParameter['type'];
  const alias = { boolean: 'bool', date: 'datetime', double: 'real', time: 'timespan', int64: 'long' }[lower] ?? lower;
  return kqlTypes.find((type) => type === alias);
}

/**
 * The default as KQL text. A string default stands in the file as bare text (`*`) or with quotes of its own (`'*'`);
 * YAML's `False` is KQL's `false`.
 */
function readDefault(parameter: Fields, type: StoredParameter['type']): string | undefined {
  const text = parameter.text('Default');
  if (type === 'string') {
    if (text === undefined) return parameter.has('Default', true) ? "''" : undefined;
    return isStringLiteral(text) ? text : `'${text.replace(/[\\']/g, (c) => `\\${c}`)}'`;
  }
  if (type === 'bool' && text && /^(true|false)$/i.test(text)) return text.toLowerCase();
  return text;
}

const isStringLiteral = (text: string) => /^@?'[^']*'$|^@?"[^"]*"$/.test(text);
