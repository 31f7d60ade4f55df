import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { openWorkspace, type Workspace, type WorkspaceOptions } from '../workspace.js';

/** A workspace on an engine of its own, closed and removed after the tests of the file. */
export async function openTestWorkspace(options: Partial<WorkspaceOptions> = {}): Promise<Workspace> {
  const dataDir = await mkdtemp(join(tmpdir(), 'vedette-workspace-'));
  const workspace = await openWorkspace({ ...options, dataDir });
  afterAll(async () => {
    await workspace.close();
    await rm(dataDir, { recursive: true, force: true });
  });
  return workspace;
}

export interface RawFile {
  readonly connector: string;
  readonly path: string;
  readonly content: string | Buffer;
}

/** Sends raw records through their connector; all must become rows. */
export async function ingestFiles(workspace: Workspace, files: readonly RawFile[], receivedAt: number): Promise<void> {
  for (const { connector, path, content } of files) {
    const stream = (async function* () {
      yield Buffer.from(content);
    })();
    const { rejects } = await workspace.ingest(connector, [{ name: path, stream }], { receivedAt });
    if (rejects.length > 0) throw new Error(`${path}: ${rejects[0]!.reason}: ${rejects[0]!.sample}`);
  }
}
