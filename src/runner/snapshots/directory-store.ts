import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { JobLayer, StoredLayer } from "../../../schemas/runner.ts";
import { parseDigest } from "../../oci/digest.ts";
import { runProgram } from "../command.ts";
import { adoptDirectory } from "./directory-attributes.ts";
import { type FillDirectory, type HeldDirectory, SharedDirectories } from "./shared-directories.ts";
import { SnapshotNames } from "./snapshot-names.ts";
import { unpackLayer, verifyLayerBlob } from "./unpack.ts";

/** A snapshot that is not in the store any more. */
export class SnapshotMissingError extends Error {
  override name = "SnapshotMissingError";
  readonly id: string;

  constructor(id: string) {
    super(`The snapshot ${id} is no longer on this machine`);
    this.id = id;
  }
}

/** Returns the bytes of a blob as they are stored. */
export type FetchBlob = (digest: string, signal: AbortSignal) => Promise<AsyncIterable<Uint8Array>>;

/** Time after which a build without new snapshots counts as ended: the server may end it while the runner is disconnected. */
const MAX_PINNED_MS = 24 * 60 * 60 * 1000;
const SNAPSHOT = /^snapshot-[0-9a-f-]{36}$/;

/** Lower directories of overlayfs: unpacked layers, named by diffID, and snapshots, the results of steps. */
export class DirectoryStore {
  readonly #directories: SharedDirectories;
  /** Of overlayfs's own attributes. A folder has directories of one kind only. */
  readonly prefix: "trusted" | "user";
  /** Snapshots that are kept for later builds. */
  readonly names: SnapshotNames;
  /** Snapshots of builds that run, and when the last one was added, in milliseconds since 1970. */
  readonly #pinned = new Map<string, { snapshots: HeldDirectory[]; last: number }>();

  private constructor(directories: SharedDirectories, names: SnapshotNames, prefix: "trusted" | "user") {
    this.#directories = directories;
    this.names = names;
    this.prefix = prefix;
  }

  /**
   * Opens the store in `folder`, which several programs may share.
   * @param limit bytes
   * @param prefix of overlayfs's own attributes
   */
  static async open(folder: string, limit: number, prefix: "trusted" | "user"): Promise<DirectoryStore> {
    const directories = await SharedDirectories.open(folder, limit);
    const names = new SnapshotNames(folder);
    await mkdir(names.folder, { recursive: true });
    await names.removeStale();
    return new DirectoryStore(directories, names, prefix);
  }

  /** Releases all directories for other programs. */
  close(): void {
    this.#directories.close();
  }

  /**
   * Holds a layer. Fetches and unpacks it when it is missing; concurrent callers wait for the same attempt.
   * @throws {Error} when it cannot be fetched, verified or written
   */
  async holdLayer(layer: StoredLayer, fetchBlob: FetchBlob, signal: AbortSignal): Promise<HeldDirectory> {
    const held = await this.holdOrMake(unpackedName(layer.diffId), signal, async (tree) => {
      const blob = await fetchBlob(layer.digest, signal);
      const record = await unpackLayer(layer, blob, tree, { prefix: this.prefix, signal });
      return { ...record, blobs: [layer.digest] };
    });
    try {
      await this.#verify(held, layer, fetchBlob, signal);
      return held;
    } catch (error) {
      held.release();
      throw error;
    }
  }

  /** Verifies that a blob contains the layer that its manifest names, unless it is known to. */
  async #verify(
    { name, record }: HeldDirectory,
    layer: StoredLayer,
    fetchBlob: FetchBlob,
    signal: AbortSignal,
  ): Promise<void> {
    const { blobs = [] } = record;
    if (blobs.includes(layer.digest)) return;
    await verifyLayerBlob(layer, await fetchBlob(layer.digest, signal));
    await this.#directories.update(name, { blobs: [...blobs, layer.digest] });
  }

  /** Holds a snapshot. @throws {SnapshotMissingError} */
  async holdSnapshot(id: string): Promise<HeldDirectory> {
    const held = isSnapshot(id) ? await this.#directories.hold(id) : undefined;
    if (held === undefined) throw new SnapshotMissingError(id);
    return held;
  }

  /** Holds the directory of this name; `fill` makes its contents when it is missing. */
  holdOrMake(name: string, signal: AbortSignal, fill: FillDirectory): Promise<HeldDirectory> {
    return this.#directories.holdOrMake(name, signal, fill);
  }

  /**
   * Name of the directory for a layer on top of others: the snapshot from which this machine wrote the layer, which avoids
   * a download, or the unpacked layer. The layer of a RUN omits files that are unchanged from below, so its snapshot can
   * replace it on top of the same layers only.
   */
  nameOf(layer: JobLayer, below: readonly string[]): string {
    if ("snapshot" in layer) return layer.snapshot;
    const unpacked = unpackedName(layer.diffId);
    if (this.#directories.recordOf(unpacked) !== undefined) return unpacked;
    const layers = this.#layersOf(below);
    for (const [name, record] of this.#directories.records()) {
      const isLayer = record.layer === unpacked && record.blobs?.includes(layer.digest);
      if (isLayer && (record.below === undefined || this.#layersOf(record.below) === layers)) return name;
    }
    return unpacked;
  }

  /** Identifies a stack of directories by the layers that they are, as far as they are known. */
  #layersOf(names: readonly string[]): string {
    return names.map((name) => this.#directories.recordOf(name)?.layer ?? name).join(" ");
  }

  /** Records the layer that was written from a snapshot. */
  setLayer(id: string, { digest, diffId }: Pick<StoredLayer, "digest" | "diffId">): Promise<void> {
    return this.#directories.update(id, { layer: unpackedName(diffId), blobs: [digest] });
  }

  /**
   * The layer as it appears above `below`, the lowest first: directories that it needs but does not contain look as
   * they do there. Few layers have such directories.
   */
  async holdAbove(
    below: readonly HeldDirectory[],
    held: HeldDirectory,
    chain: string,
    signal: AbortSignal,
  ): Promise<HeldDirectory> {
    const { implied, layer: _, below: __, blobs: ___, ...record } = held.record;
    if (implied.length === 0 || below.length === 0) return held;
    const variant = await this.holdOrMake(`${held.name}-${chain}`, signal, async (tree) => {
      // Files are shared, directories are not.
      await runProgram("cp", ["-al", "--", `${held.path}/.`, tree], { signal });
      const lower = below.map(({ path }) => path).reverse();
      for (const path of implied) adoptDirectory(join(tree, path), path, lower);
      return { ...record, bytes: 4096 * implied.length, implied: [] };
    });
    held.release();
    return variant;
  }

  /** A snapshot whose contents `fill` makes. It stays at least until the build is released. */
  async addSnapshot(
    build: string,
    signal: AbortSignal,
    fill: FillDirectory,
  ): Promise<{ id: string; bytes: number }> {
    const id = `snapshot-${randomUUID()}`;
    const held = await this.holdOrMake(id, signal, fill);
    const { snapshots = [] } = this.#pinned.get(build) ?? {};
    this.#pinned.set(build, { snapshots: [...snapshots, held], last: Date.now() });
    for (const [other, { last }] of this.#pinned) if (Date.now() - last > MAX_PINNED_MS) this.release(other);
    return { id, bytes: held.record.bytes };
  }

  /** The snapshots of a build may be removed when room is needed. */
  release(build: string): void {
    for (const held of this.#pinned.get(build)?.snapshots ?? []) held.release();
    this.#pinned.delete(build);
  }
}

/** Whether a directory is a snapshot, by its name. */
export function isSnapshot(name: string): boolean {
  return SNAPSHOT.test(name);
}

function unpackedName(diffId: string): string {
  const name = parseDigest(diffId)?.encoded;
  if (name === undefined) throw new Error(`Cannot unpack a layer: ${diffId} is not a digest`);
  return name;
}
