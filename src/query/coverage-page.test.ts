import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { type KnownNames, knownNames } from '../kql/index.js';
import { type Coverage, coverageOf, refusedNames } from '../lower/index.js';

const groups: Readonly<Record<keyof KnownNames, string>> = {
  operators: 'Operators',
  functions: 'Functions',
  aggregates: 'Aggregates',
  plugins: 'Plugins',
  scalarOperators: 'Scalar operators',
  tables: 'Table expressions',
  statements: 'Statements',
};

const spelledOtherwise: Readonly<Record<string, string>> = {
  FilterOperator: 'where',
  GetSchemaOperator: 'getschema',
  ReduceByOperator: 'reduce',
  DataTableExpression: 'datatable',
  ContextualDataTableExpression: '__contextual_datatable',
  ExternalDataExpression: 'externaldata',
  InlineExternalTableExpression: 'inline_external_table',
  MaterializedViewCombineExpression: 'materialized_view_combine',
  DataScopeExpression: 'hint of a data scope',
  ToTableExpression: 'totable',
  ExpressionStatement: 'an expression',
  SetOptionStatement: 'set',
  QueryParametersStatement: 'declare query_parameters',
  PatternStatement: 'declare pattern',
  RestrictStatement: 'restrict access',
};

/** A kind of node as people write it: `MvExpandOperator` is mv-expand. */
const spelled = (name: string): string =>
  spelledOtherwise[name] ??
  (/^[A-Z]\w*(Operator|Statement|Expression)$/.test(name)
    ? name
        .replace(/(Operator|Statement|Expression)$/, '')
        .replace(/(?<=.)[A-Z]/g, '-$&')
        .toLowerCase()
    : name);

const code = (name: string) => `\`${spelled(name).replace('|', '\\|')}\``;

interface Row {
  readonly name: string;
  readonly coverage: NonNullable<Coverage>;
}

function section(title: string, rows: readonly Row[]): string {
  const of = (test: (c: NonNullable<Coverage>) => boolean) => rows.filter((r) => test(r.coverage));
  const exact = of((c) => c.kind === 'implemented' && !c.approximate);
  const approximate = of((c) => c.kind === 'implemented' && c.approximate !== undefined);
  const refused = of((c) => c.kind === 'refusal');
  const parts = [`## ${title}`, `Implemented: ${exact.map((r) => code(r.name)).join(' ')}`];
  const table = (head: string, lines: string[]) => lines.length && parts.push(`${head}\n${lines.join('\n')}`);
  table(
    '| Approximate | Bound |\n|---|---|',
    approximate.map((r) => `| ${code(r.name)} | ${r.coverage.kind === 'implemented' ? r.coverage.approximate : ''} |`),
  );
  table(
    '| Refused | Because | Instead |\n|---|---|---|',
    refused.map((r) =>
      r.coverage.kind === 'refusal' ? `| ${code(r.name)} | ${r.coverage.reason} | ${r.coverage.instead ?? ''} |` : '',
    ),
  );
  return parts.join('\n\n');
}

const known = knownNames();
const rowsOf = (group: keyof KnownNames): Row[] =>
  known[group].flatMap((name) => {
    const coverage = coverageOf[group](name);
    return coverage ? [{ name, coverage }] : [];
  });

function page(): string {
  const all = Object.entries(groups).map(([group, title]) => ({ title, rows: rowsOf(group as keyof KnownNames) }));
  const counts = all.map(({ title, rows }) => {
    const refused = rows.filter((r) => r.coverage.kind === 'refusal').length;
    const approximate = rows.filter((r) => r.coverage.kind === 'implemented' && r.coverage.approximate).length;
    return `| ${title} | ${rows.length} | ${rows.length - refused - approximate} | ${approximate} | ${refused} |`;
  });
  return `# Coverage of KQL

Every name that Microsoft's parser of KQL knows, and what Vedette does with it. *Implemented* answers as the documentation
says, in the documented forms; a form that is not supported is refused by itself. *Approximate* estimates, as Kusto does,
within the bound; \`dcount\`, \`percentile\` and their kin are exact, where Kusto estimates over many values. *Refused* ends the query with a code and says what to use instead: a wrong answer is worse.

| Group | Names | Implemented | Approximate | Refused |
|---|---|---|---|---|
${counts.join('\n')}

${all.map(({ title, rows }) => section(title, rows)).join('\n\n')}
`;
}

it.each(Object.keys(groups) as (keyof KnownNames)[])('says what becomes of every name: %s', (group) => {
  expect(known[group].filter((name) => coverageOf[group](name) === undefined)).toEqual([]);
});

it.each(Object.keys(groups) as (keyof KnownNames)[])('refuses no name that runs: %s', (group) => {
  const sharing = group === 'functions' ? (['functions', 'aggregates'] as const) : [group];
  const stale = refusedNames[group].filter((name) => {
    const uses = sharing.filter((g) => known[g].includes(name));
    return uses.length > 0 && uses.every((g) => coverageOf[g](name)?.kind === 'implemented');
  });
  expect(stale).toEqual([]);
});

// Written anew with `npx vitest run src/query/coverage-page.test.ts --update`.
it('docs/coverage.md holds every name', async () => {
  await expect(page()).toMatchFileSnapshot(fileURLToPath(new URL('../../docs/coverage.md', import.meta.url)));
});
