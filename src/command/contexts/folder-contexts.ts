import { join } from "node:path";
import type { ContextPaths } from "../../../schemas/contexts.ts";
import { contextDirectories } from "../../machine/context-directories.ts";
import { cacheFolder } from "../../machine/data-folder.ts";
import { FolderContext } from "../../machine/local-context.ts";
import { type KnownFolder, loadStatCache } from "../../machine/stat-cache.ts";
import { formatListingLine } from "../../rootfs/listing-line.ts";
import { sha256 } from "../../streams/sha256.ts";
import type { BuildTools } from "../build/build-tools.ts";

/** A folder of this machine that a build reads. */
interface SelectedFolder {
  /** Name of the context; empty for the main one. */
  name: string;
  /** Without symbolic links. */
  path: string;
  /** Lines of the ignore file. */
  ignore: readonly string[];
  /** Key under which the state of the folder is remembered for the next build; undefined to remember nothing. */
  use: string | undefined;
}

/** A further context of a build. */
export interface ContextFolder extends SelectedFolder {
  /** Its ignore file; the text is undefined for a missing one. */
  ignoreFile: { path: string; text: string | undefined };
}

/** Digest of the listing of an empty context. */
const emptyContext = sha256("");

/**
 * The folders of a build as contexts: only the paths that the Dockerfile reads, as far as they are known. The server
 * answers a build of other paths with those that it needs.
 */
export class FolderContexts {
  readonly #folders: readonly SelectedFolder[];
  readonly #known = new Map<string, KnownFolder>();
  readonly #opened = new Map<string, FolderContext>();
  readonly #signal: AbortSignal | undefined;
  /** Undefined until the paths of every folder are known. */
  #selected: ContextPaths | undefined;

  /** @param signal ends the reading of folders */
  constructor(folders: readonly SelectedFolder[], signal?: AbortSignal) {
    this.#folders = folders;
    this.#signal = signal;
    for (const { name, use, path } of folders) {
      const known = use === undefined ? undefined : loadStatCache(cacheFile(path, use));
      if (known !== undefined) this.#known.set(name, known);
    }
    if (this.#known.size < folders.length) return;
    this.#selected = {};
    for (const [name, { selection }] of this.#known) this.#selected[name] = selection.paths?.slice() ?? null;
  }

  /** The paths of each context; empty until they are known. */
  get selected(): ContextPaths {
    return this.#selected ?? Object.fromEntries(this.#folders.map(({ name }) => [name, []]));
  }

  /**
   * Reads the selected paths of the folders, if they are known and were not read before.
   * @throws {MachineError}
   */
  async read(): Promise<void> {
    if (this.#selected === undefined) return;
    for (const { name, path, ignore, use } of this.#folders) {
      if (this.#opened.has(name)) continue;
      const context = await FolderContext.read(path, {
        ignore,
        paths: this.selected[name] ?? undefined,
        known: this.#known.get(name),
        cache: use === undefined ? undefined : cacheFile(path, use),
        signal: this.#signal,
      });
      this.#opened.set(name, context);
    }
  }

  /**
   * Whether the server may have every context; not when the last build from this machine had another one. The folders must
   * have been read, as for digests, `send` and `lines`.
   */
  get mayBeStored(): boolean {
    return this.#selected !== undefined && this.#folders.every(({ name }) => !this.#context(name).isChanged);
  }

  /** Selects the paths that the server requires. */
  select(required: ContextPaths): void {
    this.#selected = Object.fromEntries(
      this.#folders.map(({ name }) => [name, name in required ? (required[name] ?? null) : []]),
    );
    this.#opened.clear();
  }

  /** Digest of the main context; undefined for an empty one. */
  get mainDigest(): string | undefined {
    const [digest] = this.#digestsOf((name) => name === "").values();
    return digest === emptyContext ? undefined : digest;
  }

  /** Digests of the others, by name. */
  get namedDigests(): Record<string, string> {
    return Object.fromEntries(this.#digestsOf((name) => name !== ""));
  }

  /** Uploads what the server does not have. */
  async send(tools: BuildTools): Promise<void> {
    if (this.#selected === undefined) return;
    const { sendContext } = await import("./send-context.ts");
    for (const { name } of this.#folders) {
      const step = name === "" ? "[internal] load build context" : `[context ${name}] load from client`;
      await sendContext(this.#context(name), step, tools);
    }
  }

  /** Remembers the current state of the folders for the next build. */
  remember(): void {
    for (const context of this.#opened.values()) context.remember();
  }

  /** Reads the same folders and paths again. */
  reread(): FolderContexts {
    const again = new FolderContexts(this.#folders, this.#signal);
    again.select(this.selected);
    return again;
  }

  /** Selects what a build reads that ended before the server required paths: nothing, or all if the build failed. */
  selectUnknown(isFailed: boolean): void {
    if (this.#selected !== undefined) return;
    this.select(Object.fromEntries(this.#folders.map(({ name }) => [name, isFailed ? null : []])));
  }

  /**
   * The selected paths of this machine, each with a text that changes with its contents, but not with its times.
   */
  *lines(): Generator<[path: string, text: string]> {
    for (const { name, path } of this.#folders)
      for (const node of this.#context(name).entries())
        yield [join(path, node.path), formatListingLine(node)];
  }

  /** Directories in which a change may change the selected paths: more of them for a folder that could not be read. */
  *directories(): Generator<string> {
    for (const { name, path, ignore } of this.#folders)
      yield* contextDirectories(path, this.#opened.get(name)?.selection ?? { ignore });
  }

  #digestsOf(isWanted: (name: string) => boolean): Map<string, string> {
    const digests = new Map<string, string>();
    for (const { name } of this.#folders) {
      if (!isWanted(name)) continue;
      digests.set(name, this.#selected === undefined ? emptyContext : this.#context(name).digest);
    }
    return digests;
  }

  /** A folder that was read. */
  #context(name: string): FolderContext {
    const context = this.#opened.get(name);
    if (context === undefined) throw new Error(`The context ${JSON.stringify(name)} was not read`);
    return context;
  }
}

function cacheFile(folder: string, use: string): string {
  const name = sha256(JSON.stringify([folder, use])).slice("sha256:".length);
  return join(cacheFolder(process.env), "contexts", name);
}
