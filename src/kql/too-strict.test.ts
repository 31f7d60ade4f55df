import { describe, expect, it } from 'vitest';
import { catalogue } from '../tables/index.js';
import { Binder } from './index.js';

const errors = (kql: string) =>
  new Binder({ table: (name) => catalogue.table(name), function: () => undefined })
    .bind(kql)
    .diagnostics.filter((d) => d.severity === 'error')
    .map((d) => d.code);

/** Published parsers do these, so the service takes them although its own binder does not. */
describe('what the binder is too strict about', () => {
  it('a hidden column may be filled by renaming, another column may not be declared twice', () => {
    expect(errors('SecurityIoTRawEvent | project-rename _ResourceId = AssociatedResourceId')).toEqual([]);
    expect(errors('Syslog | project-rename Host = HostName, TimeGenerated = TimeGenerated')).toEqual([]);
    expect(errors('SecurityIoTRawEvent | project-rename DeviceId = AssociatedResourceId')).toEqual(['KS171']);
  });

  it('a text may stand between the brackets behind an array, a real may not', () => {
    expect(errors("print x = split('a/b', '/')['-1']")).toEqual([]);
    expect(errors("print x = split('a/b', '/')[1.5]")).not.toEqual([]);
  });
});

it('a check without a workspace leaves open what a wildcard finds', () => {
  const names = { table: () => undefined, function: () => undefined, assumesTables: true } as const;
  const { diagnostics } = new Binder(names).bind(
    'union Device* | where Timestamp > ago(1d) | summarize count() by Type',
  );
  expect(diagnostics.map((d) => d.code)).toEqual(['RUL3004']);
  // The wildcards of some operators find columns.
  const columns = new Binder({ ...names, table: (name: string) => catalogue.table(name) });
  expect(columns.bind('union Syslog, Event | project-away Host*').diagnostics).toEqual([]);
  // A table that is known does not make the columns of the others mistakes.
  const known = { ...names, table: (name: string) => catalogue.table(name) };
  const more = new Binder(known).bind('union * | extend a = coalesce(Operation, OperationName) | project-away a, Who');
  expect(more.diagnostics.map((d) => d.code)).toEqual(['RUL3004']);
});
