import { EntryTable } from "../../rootfs/entry-table.ts";
import { childPath, nameOf, parentOf } from "../../rootfs/path-parts.ts";
import type { Node, Tree } from "../../rootfs/tree.ts";
import { inTurns } from "../../streams/turns.ts";
import { pathInRoot } from "../../tar/path.ts";
import type { Chmod } from "../plan/chmod.ts";
import { Changes, type CopyOrigin, type DirChange, type DirectoryMeta, type Ids } from "./changes.ts";
import { Copier, notADirectory } from "./copier.ts";
import type { CopyRequest, CopySource, CopyWarning } from "./copy-request.ts";
import { emptyTree } from "./empty-tree.ts";
import { type CopyFilters, parseCopyFilters } from "./filters.ts";
import { resolveHardLink } from "./hard-link.ts";
import { makeDirectories } from "./make-directories.ts";
import { resolveOwner } from "./owner-ids.ts";
import { requireValidPath, resolveInTree } from "./root-path.ts";
import { checkSource, type SelectedSource, selectSources } from "./select.ts";
import { unpackInto } from "./unpack.ts";

const ROOT: Ids = { uid: 0, gid: 0 };
const MODE_OF_MADE_DIRECTORIES = 0o755;

interface CopyResult {
  /** Over the base, or with `--link` over an empty tree; `layerEntries` makes a layer of it. */
  readonly changes: Changes;
  readonly warnings: CopyWarning[];
}

/**
 * Whether the layer of a COPY or ADD does not depend on the tree below, as with `--link`. With `--chmod`, BuildKit
 * ignores `--link`.
 */
export function isIndependent(request: Pick<CopyRequest, "link" | "chmod">): boolean {
  return request.link && request.chmod === undefined;
}

/**
 * Executes one COPY or ADD on a tree. Finds all sources before it writes anything.
 * @throws {CopyError} with BuildKit's message
 */
export async function copyInto(base: Tree, request: CopyRequest): Promise<CopyResult> {
  const { excludes } = request;
  const prepared: { source: CopySource; filters: CopyFilters }[] = [];
  for (const source of request.sources) {
    await inTurns(checkSource(source, excludes));
    prepared.push({ source, filters: parseCopyFilters(source.parents, excludes) });
  }
  const independent = isIndependent(request);
  const { ids, warnings } = await destinationOwner(request, base, independent);
  const changes = new Changes(independent ? emptyTree : base, request.mtimeOf);
  const destination = new Destination(changes, request, ids);
  for (const { source, filters } of prepared) {
    for (const selected of await inTurns(selectSources(source)))
      await destination.receive(source, filters, selected);
  }
  return { changes, warnings };
}

async function destinationOwner(
  request: CopyRequest,
  base: Tree,
  independent: boolean,
): Promise<{ ids: Ids | undefined; warnings: CopyWarning[] }> {
  if (request.owner === undefined) return { ids: undefined, warnings: [] };
  return resolveOwner(request.owner, independent || request.noLayers ? undefined : base);
}

/** The destination of an instruction. */
class Destination {
  readonly #changes: Changes;
  readonly #dest: string;
  readonly #isDirectory: boolean;
  readonly #owner: Ids | undefined;
  readonly #chmod: Chmod | undefined;
  /** Metadata for directories that must be created. */
  readonly #meta: DirectoryMeta;

  constructor(changes: Changes, request: CopyRequest, owner: Ids | undefined) {
    const { chmod } = request;
    this.#changes = changes;
    this.#dest = pathInRoot(request.dest);
    requireValidPath(this.#dest, "lstat");
    this.#isDirectory = request.destIsDirectory || this.#dest === "";
    this.#owner = owner;
    this.#chmod = chmod;
    const mode = chmod !== undefined && "octal" in chmod ? chmod.octal & 0o777 : MODE_OF_MADE_DIRECTORIES;
    this.#meta = { ...(owner ?? ROOT), mode, mtime: undefined };
  }

  async receive(source: CopySource, filters: CopyFilters, selected: SelectedSource): Promise<void> {
    const node = resolveHardLink(source.tree, selected.node);
    if (source.unpack !== undefined && node.type === "file") {
      const archive = await source.unpack(node);
      if (archive !== undefined) {
        await inTurns(unpackInto(this.#changes, this.#dest, archive, this.#owner));
        return;
      }
    }
    await inTurns(this.#copy(source, filters, { ...selected, node }));
  }

  *#copy(
    source: CopySource,
    filters: CopyFilters,
    { node, path }: SelectedSource,
  ): Generator<number, void, undefined> {
    const copier = new Copier(this.#changes, source.tree, this.#originOf(source), filters);
    this.#makeDirectories(
      resolveInTree(this.#changes, this.#isDirectory ? this.#dest : parentOf(this.#dest)),
    );
    let target = resolveInTree(this.#changes, this.#dest);
    const existing = this.#changes.lookup(target);
    const isDirectory = node.type === "dir";
    const isNamed = nameOf(path) !== "";
    const goesInside = isDirectory
      ? source.literal && isNamed && existing !== undefined
      : existing?.type === "dir";
    if (goesInside) target = childPath(target, nameOf(path));
    if (isDirectory && !source.literal && existing === undefined) this.#makeDirectories(target);
    const parent = this.#makeDirectories(parentOf(target));
    if (isDirectory) yield* this.#copyDirectory(copier, node, parent, target);
    else copier.copyFile(node, parent, parentOf(target), nameOf(target));
  }

  *#copyDirectory(
    copier: Copier,
    node: Node,
    parent: DirChange,
    target: string,
  ): Generator<number, void, undefined> {
    let directory = this.#changes.open(target);
    const made = directory === undefined;
    if (directory === undefined) {
      if (this.#changes.lookup(target) !== undefined) throw notADirectory(target);
      const { mode } = node;
      directory = this.#changes.makeDirectory(parent, nameOf(target), { ...ROOT, mode, mtime: undefined });
    }
    yield* copier.copyContents(node, directory, target, made);
  }

  #makeDirectories(path: string): DirChange {
    return makeDirectories(this.#changes, path, this.#meta, this.#owner !== undefined);
  }

  #originOf(source: CopySource): CopyOrigin {
    const owner = this.#owner ?? (source.keepOwner ? undefined : ROOT);
    return {
      read: (node) => source.tree.read(node),
      ...(source.tree instanceof EntryTable && { table: source.tree }),
      ...(owner !== undefined && { owner }),
      ...(this.#chmod !== undefined && { chmod: this.#chmod }),
      ...(source.madeNow !== undefined && { madeNow: source.madeNow }),
      // Giving the files of a context to root clears their capabilities, as chown(2) does.
      ...(!source.keepOwner && { withoutXattrs: true }),
      ...((source.madeNow || !source.keepOwner) && { hasFreeTimes: true }),
    };
  }
}
