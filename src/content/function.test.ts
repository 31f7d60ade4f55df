import { describe, expect, it } from 'vitest';
import { type FunctionContent, loadFile, storedFunctions } from './index.js';

const load = (text: string) => loadFile(text, 'p.yaml');
const contentOf = (text: string) => {
  const file = load(text);
  expect(file.diagnostics).toEqual([]);
  return file.content as FunctionContent;
};

describe('ASIM parsers', () => {
  it('register under both names, blanks taken off', () => {
    const parser = contentOf(`Parser: { Title: A parser, Version: '0.10', LastUpdated: today }
Product: { Name: Sysmon }
Normalization: { Schema: NetworkSession, Version: '0.2.6' }
ParserName: 'vimNetworkSessionX '
EquivalentBuiltInParser: '_Im_NetworkSession_X  '
Parsers: [_Im_A, _Im_B]
ParserParams:
  - { Name: starttime, Type: datetime, Default: datetime(null) }
ParserQuery: |
  T | where TimeGenerated > starttime
`);
    expect(parser).toMatchObject({
      type: 'parser',
      schema: 'NetworkSession',
      product: 'Sysmon',
      version: '0.10',
      parsers: ['_Im_A', '_Im_B'],
    });
    expect(storedFunctions(parser).map((f) => [f.name, f.parameters, f.body])).toEqual(
      ['vimNetworkSessionX', '_Im_NetworkSession_X'].map((name) => [
        name,
        [{ name: 'starttime', type: 'datetime', default: 'datetime(null)' }],
        'T | where TimeGenerated > starttime\n',
      ]),
    );
  });

  it.each([
    ['Type: string, Default: "*"', 'string', "'*'"],
    [`Type: string, Default: "'*'"`, 'string', "'*'"],
    [`Type: string, Default: '"a"'`, 'string', '"a"'],
    [`Type: string, Default: "it's"`, 'string', "'it\\'s'"],
    ['Type: string, Default: ""', 'string', "''"],
    ['Type: string', 'string', undefined],
    ['Type: "dynamic ", Default: "dynamic([])"', 'dynamic', 'dynamic([])'],
    ['Type: int, Default: int(null)', 'int', 'int(null)'],
    ['Type: int, Default: 0', 'int', '0'],
    ['Type: Bool, Default: False', 'bool', 'false'],
    ['Type: table', '(*)', undefined],
    ['Type: "table:(Url:string, Port:int)"', '(Url:string, Port:int)', undefined],
    ['Type: "table:(*)"', '(*)', undefined],
  ])('read a parameter {%s}', (text, type, byDefault) => {
    const parser = contentOf(`ParserName: P\nParserParams: [{ Name: p, ${text} }]\nParserQuery: T\n`);
    expect(parser.parameters).toEqual([{ name: 'p', type, default: byDefault }]);
  });

  it('read the columns of a table beside its name, as the public library writes them', () => {
    const parser = contentOf(
      'ParserName: P\nParserParams: [{ Name: "T:(TimeGenerated:datetime)", Type: table }]\nParserQuery: T\n',
    );
    expect(parser.parameters).toEqual([{ name: 'T', type: '(TimeGenerated:datetime)', default: undefined }]);
  });

  it('are refused with a misspelt type or without a body', () => {
    const wrong = load('ParserName: P\nParserParams: [{ Name: p, Type: dyanmic }]\nParserQuery: T\n');
    expect(wrong.content).toBeUndefined();
    expect(wrong.diagnostics[0]?.message).toBe("'dyanmic' is not a type of KQL");
    expect(load('ParserName: P\n').diagnostics[0]?.message).toBe('ParserQuery is missing');
  });
});

describe('functions', () => {
  it('of ASIM take their table first', () => {
    const content = contentOf(`FunctionName: ASIM_Resolve
EquivalentBuiltInFunction: _ASIM_Resolve
FunctionParams: [{ Name: T, Type: table }, { Name: field, Type: string }]
FunctionQuery: T | extend x = field
`);
    expect(content.names).toEqual(['ASIM_Resolve', '_ASIM_Resolve']);
    expect(content.parameters.map((p) => p.type)).toEqual(['(*)', 'string']);
  });

  it('of a solution answer to their alias', () => {
    const content = contentOf('id: x\nFunctionName: Long name\nFunctionAlias: Short\nFunctionQuery: Syslog\n');
    expect(content).toMatchObject({ type: 'function', names: ['Long name', 'Short'] });
  });

  it('of a text file answer to its name, unless a table has it', () => {
    expect(loadFile('Syslog | take 1', 'a/LastSyslog.kql').content).toMatchObject({ names: ['LastSyslog'] });
    expect(loadFile('Syslog | take 1', 'a/Syslog.kql').content?.type).toBe('query');
  });
});
