import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { codes } from './codes.js';

const stages: Readonly<Record<string, string>> = {
  KQL0: 'Hints',
  KQL1: 'Names and types of a query',
  KQL2: 'Limits and failures of a running query',
  KQL4: 'Deliberate refusals: KQL that Vedette does not run, rather than run it wrongly',
  ING2: 'Records',
  RUL3: 'Rule and parser files',
  ENG5: 'Engine',
  CLI6: 'Usage',
  AUT7: 'Automation',
};

function page(): string {
  const sections = Object.entries(stages).map(([prefix, title]) => {
    const own = Object.entries(codes).filter(([code]) => code.startsWith(prefix));
    const rows = own.sort(([a], [b]) => (a < b ? -1 : 1)).map(([code, meaning]) => `| ${code} | ${meaning} |`);
    return `## ${title}\n\n| Code | Means |\n|---|---|\n${rows.join('\n')}\n`;
  });
  return `# Errors

Findings read \`file:line:column CODE message\`, with the line they are about and, where there is one, a hint. Codes that
begin with \`KS\` are those of Microsoft's KQL parser and binder.

${sections.join('\n')}`;
}

// Written anew with `npx vitest run src/base/errors-page.test.ts --update`.
it('docs/errors.md holds every code', async () => {
  for (const code of Object.keys(codes)) expect(Object.keys(stages)).toContain(code.slice(0, 4));
  await expect(page()).toMatchFileSnapshot(fileURLToPath(new URL('../../docs/errors.md', import.meta.url)));
});
