import { type Clock, DiagnosticError, type Result } from '../base/index.js';
import { type ContentIndex, contentIndex } from '../content/index.js';
import { WorkspaceRunner } from '../query/index.js';
import type { Store } from '../store/index.js';
import { WorkspaceNames } from './names.js';

/** Where the functions and rules of a workspace lie, beside the shipped ones. */
export interface ContentPlaces {
  /** Folders or files whose parsers stand over all others. */
  readonly parsers?: readonly string[] | undefined;
  /** Folder of the workspace's own rules and parsers; it need not exist. */
  readonly contentDir?: string | undefined;
  /** Folder where compiled queries are kept; none: in memory only. */
  readonly cacheDir?: string | undefined;
  /** Hosts (`example.com`, `example.com:8443`), files and folders that queries may read external data from. */
  readonly allowExternal?: readonly string[] | undefined;
  /** What a query over external data that cannot be read does: it fails (the default), or takes it for empty and says so. */
  readonly missingExternal?: 'fail' | 'empty' | undefined;
  /** A database in MaxMind's format for geo_info_from_ip_address; by default the one that VEDETTE_GEO_DATABASE names. */
  readonly geoDatabase?: string | undefined;
  /** Hosts, addresses and networks that webhooks may go to (`hooks.example.com`, `10.1.0.0/16:8443`); none by default. */
  readonly allowWebhooks?: readonly string[] | undefined;
  /** Folder with a file for each secret of webhooks; by default `secrets` in the data directory. */
  readonly secretsDir?: string | undefined;
}

/** What queries need: the store, the content (loaded on first use) and a compiler that knows both. */
export class Engine {
  private loaded: Promise<{ content: ContentIndex; names: WorkspaceNames; runner: WorkspaceRunner }> | undefined;

  constructor(
    readonly store: Store,
    readonly places: ContentPlaces,
    readonly clock: Clock,
  ) {}

  async content(): Promise<ContentIndex> {
    return (await this.load()).content;
  }

  /** The runner, with the tables and watchlists as they are now. */
  async runner(): Promise<WorkspaceRunner> {
    const { names, runner } = await this.load();
    if (await names.reload()) runner.refresh();
    return runner;
  }

  /** Reads the content again, after files changed. */
  forget(): void {
    this.loaded = undefined;
  }

  private load() {
    this.loaded ??= (async () => {
      const { parsers, contentDir: workspace } = this.places;
      const content = await contentIndex({ parsers, workspace });
      const names = new WorkspaceNames(content, this.store);
      return {
        content,
        names,
        runner: new WorkspaceRunner(this.store, names, {
          clock: this.clock,
          cacheFolder: this.places.cacheDir,
          allowExternal: this.places.allowExternal,
          missingExternal: this.places.missingExternal,
          geoDatabase: this.places.geoDatabase,
        }),
      };
    })();
    return this.loaded;
  }
}

/** The value, or its diagnostics as the error that this room throws. */
export function unwrap<T>(result: Result<T>): T {
  if (!result.ok) throw new DiagnosticError(result.diagnostics);
  return result.value;
}
