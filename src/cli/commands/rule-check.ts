import { join } from 'node:path';
import pc from 'picocolors';
import { type Diagnostic, positionAt } from '../../base/index.js';
import { type CheckedFile, checkContent, type Workspace } from '../../workspace/index.js';
import { type AddCommand, globalOptions, hasWorkspace, withWorkspace } from '../command.js';
import { count, writeDiagnostics, writeJson, writeLine } from '../output.js';
import { defaultDataDir, version } from '../program.js';
import { progress } from '../progress.js';
import { sarif } from '../sarif.js';
import { status } from '../status.js';

export const addRuleCheck: AddCommand = (rule, setStatus) => {
  rule
    .command('check')
    .description('load, bind and compile rules, parsers and hunting queries')
    .argument('<path...>', 'files and folders')
    .option('--sarif', 'print the findings as SARIF 2.1.0')
    .action(async (paths: string[], options: { sarif?: true }, command) => {
      const shared = globalOptions(command);
      const bar = progress('checking');
      const check = (workspace?: Workspace) =>
        checkContent(paths, {
          contentDir: join(shared.data ?? defaultDataDir, 'content'),
          store: workspace?.store,
          onFile: (done, files) => bar.update(done, files),
        });
      const files = await (hasWorkspace(shared) ? withWorkspace(shared, check) : check()).finally(() => bar.stop());
      const diagnostics = files.flatMap((file) => file.diagnostics);
      const verdicts = (verdict: CheckedFile['verdict']) => files.filter((file) => file.verdict === verdict).length;
      const counts = {
        files: files.length,
        ok: verdicts('ok'),
        incomplete: verdicts('incomplete'),
        failed: verdicts('failed'),
        unparsable: verdicts('unparsable'),
      };
      if (counts.failed + counts.unparsable > 0) setStatus(status.findings);
      if (options.sarif) return writeJson(sarif(diagnostics, version()));
      if (shared.json) return writeJson({ ...counts, diagnostics: diagnostics.map(flat) });
      writeDiagnostics(diagnostics);
      const colour = counts.failed + counts.unparsable > 0 ? pc.red : pc.green;
      await writeLine(
        colour(
          `${count(counts.files, 'file')}: ${counts.ok} ok, ${counts.incomplete} that need a table or function that is not here, ${counts.failed} failed, ${counts.unparsable} unparsable`,
        ),
      );
    });
};

/** A finding with its place in numbers instead of the whole text of its file. */
export function flat({ source, span, code, severity, message, hint }: Diagnostic) {
  const place = source && span ? positionAt(source.text, span.start) : undefined;
  return { file: source?.name, ...place, code, severity, message, hint };
}
