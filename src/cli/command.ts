import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Command } from 'commander';
import { fail } from '../base/index.js';
import { openWorkspace, type Workspace, type WorkspaceOptions } from '../workspace/index.js';
import { defaultDataDir, type GlobalOptions } from './program.js';

export { repeated } from './program.js';

/** Tells the exit status when it is not success. */
export type SetStatus = (status: number) => void;

export type AddCommand = (program: Command, setStatus: SetStatus) => void;

export const globalOptions = (command: Command): GlobalOptions => command.optsWithGlobals<GlobalOptions>();

/** User and password of a server stand in its address or, better, in the environment: arguments can be seen by others. */
function placeOf({ data, server }: GlobalOptions): WorkspaceOptions {
  const contentDir = join(data ?? defaultDataDir, 'content');
  const secretsDir = join(data ?? defaultDataDir, 'secrets');
  if (server === undefined) return { dataDir: data ?? defaultDataDir, contentDir, secretsDir };
  if (!URL.canParse(server)) return fail('CLI6001', `'${server}' is not the address of a server`);
  const url = new URL(server);
  const user = decodeURIComponent(url.username) || process.env.VEDETTE_SERVER_USER;
  const password = decodeURIComponent(url.password) || process.env.VEDETTE_SERVER_PASSWORD;
  url.username = '';
  url.password = '';
  return { url: url.href.replace(/\/$/, ''), user, password, contentDir, secretsDir };
}

/** Opens the workspace that the options name, and closes it after the action. */
export async function withWorkspace<T>(
  options: GlobalOptions,
  action: (workspace: Workspace) => Promise<T>,
  more: {
    readonly parsers?: readonly string[] | undefined;
    readonly allowWebhooks?: readonly string[] | undefined;
  } = {},
): Promise<T> {
  const { allowExternal, missingExternal, geoDatabase } = options;
  const workspace = await openWorkspace({
    ...placeOf(options),
    ...{ allowExternal, missingExternal, geoDatabase },
    ...more,
  });
  try {
    return await action(workspace);
  } finally {
    await workspace.close();
  }
}

/** Whether the options name a workspace that exists: checks need none, but use it when it is there. */
export const hasWorkspace = ({ data, server }: GlobalOptions): boolean =>
  server !== undefined || existsSync(data ?? defaultDataDir);

/** The text of an argument; `-` stands for standard input. */
export async function textOf(argument: string): Promise<{ text: string; name: string | undefined }> {
  if (argument !== '-') return { text: argument, name: undefined };
  const bytes = await buffer(process.stdin);
  return { text: bytes.toString('utf8').replace(/^\uFEFF/, ''), name: 'stdin' };
}
