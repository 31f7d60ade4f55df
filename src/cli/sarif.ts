import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { codes, type Diagnostic, positionAt } from '../base/index.js';

const levels = { error: 'error', warning: 'warning', info: 'note' } as const;

/**
 * Findings in the format that code hosts and editors read.
 * Source  https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
export function sarif(diagnostics: readonly Diagnostic[], version: string) {
  const ids = [...new Set(diagnostics.map((d) => d.code))].sort();
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Vedette',
            semanticVersion: version,
            rules: ids.map((id) => ({
              id,
              shortDescription: { text: (codes as Record<string, string>)[id] ?? 'finding of the KQL parser' },
            })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: diagnostics.map((d) => ({
          ruleId: d.code,
          ruleIndex: ids.indexOf(d.code),
          level: levels[d.severity],
          message: { text: d.hint ? `${d.message} (${d.hint})` : d.message },
          locations: d.source ? [{ physicalLocation: physicalLocation(d.source, d.span) }] : [],
        })),
      },
    ],
  };
}

function physicalLocation({ name, text }: NonNullable<Diagnostic['source']>, span: Diagnostic['span']) {
  const uri = isAbsolute(name) ? pathToFileURL(name).href : encodeURI(name.replaceAll('\\', '/'));
  if (!span) return { artifactLocation: { uri } };
  const [start, end] = [positionAt(text, span.start), positionAt(text, span.end)];
  return {
    artifactLocation: { uri },
    region: { startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column },
  };
}
