import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, utimes } from "node:fs/promises";
import { join } from "node:path";
import type { JobLayer, StoredLayer } from "../../../schemas/runner.ts";
import { parseDigest } from "../../oci/digest.ts";
import { runProgram } from "../command.ts";
import { DiskFullError, isFull } from "../files/disk.ts";
import { removeTree } from "../files/remove-tree.ts";
import { Slots } from "../slots.ts";
import { adoptDirectory } from "./directory-attributes.ts";
import { DirectoryClaims, isAlive } from "./directory-claims.ts";
import { type DirectoryRecord, RECORD, readRecord, writeRecord } from "./directory-record.ts";
import type { OverlaySummary } from "./overlay-members.ts";
import { SnapshotNames } from "./snapshot-names.ts";
import { unpackLayer, verifyLayerBlob } from "./unpack.ts";

/** A directory of the store that stays until it is released. */
export interface HeldDirectory {
  name: string;
  /** A lower directory for overlayfs. */
  path: string;
  record: DirectoryRecord;
  release(): void;
}

/** A snapshot that is not in the store any more. */
export class SnapshotMissingError extends Error {
  override name = "SnapshotMissingError";
  readonly id: string;

  constructor(id: string) {
    super(`The snapshot ${id} is no longer on this machine`);
    this.id = id;
  }
}

interface Known extends DirectoryRecord {
  usedAt: number;
  holders: number;
}

/** Returns the bytes of a blob as they are stored. */
export type FetchBlob = (digest: string, signal: AbortSignal) => Promise<AsyncIterable<Uint8Array>>;

const NEW = "new-";
const OLD = "old-";
/** Directories that are made at the same time. */
const CONCURRENCY = 4;
const SNAPSHOT = /^snapshot-[0-9a-f-]{36}$/;

/**
 * Lower directories of overlayfs: unpacked layers, named by diffID, and snapshots, the results of steps. Directories
 * that are not in use are removed, the longest unused first, while all together are larger than `limit` bytes. Several
 * programs may share one folder.
 */
export class DirectoryStore {
  readonly #folder: string;
  readonly #limit: number;
  /** Of overlayfs's own attributes. A folder has directories of one kind only. */
  readonly prefix: "trusted" | "user";
  readonly #slots = new Slots(CONCURRENCY);
  readonly #known = new Map<string, Known>();
  readonly #making = new Map<string, Promise<void>>();
  readonly #evicting = new Map<string, Promise<unknown>>();
  readonly #claims: DirectoryClaims;
  /** Snapshots that are kept for later builds. */
  readonly names: SnapshotNames;
  /** Snapshots of builds that run. */
  readonly #pinned = new Map<string, HeldDirectory[]>();

  private constructor(folder: string, limit: number, prefix: "trusted" | "user") {
    this.#folder = folder;
    this.#limit = limit;
    this.prefix = prefix;
    this.#claims = new DirectoryClaims(`${folder}.claims`);
    this.names = new SnapshotNames(folder);
  }

  /**
   * Reads what is in `folder`. Removes directories that a program was making or removing when it ended.
   * @param prefix of overlayfs's own attributes
   */
  static async open(folder: string, limit: number, prefix: "trusted" | "user"): Promise<DirectoryStore> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const store = new DirectoryStore(folder, limit, prefix);
    await mkdir(store.names.folder, { recursive: true });
    for (const name of await readdir(folder)) {
      const [, maker] = /^(?:new|old)-(.+)\+/.exec(name) ?? [];
      if (maker === undefined || !isAlive(maker)) await store.#readOrRemove(name);
    }
    await store.#evict();
    return store;
  }

  /** Releases all directories for other programs. */
  close(): void {
    this.#claims.close();
  }

  /**
   * Holds a layer. Fetches and unpacks it when it is missing; concurrent callers wait for the same attempt.
   * @throws {Error} when it cannot be fetched, verified or written
   */
  async holdLayer(layer: StoredLayer, fetchBlob: FetchBlob, signal: AbortSignal): Promise<HeldDirectory> {
    const held = await this.holdOrMake(unpackedName(layer.diffId), signal, (tree) =>
      this.#unpack(tree, layer, fetchBlob, signal),
    );
    try {
      await this.#verify(held, layer, fetchBlob, signal);
      return held;
    } catch (error) {
      held.release();
      throw error;
    }
  }

  /** Holds a snapshot. @throws {SnapshotMissingError} */
  async holdSnapshot(id: string): Promise<HeldDirectory> {
    if (!isSnapshot(id)) throw new SnapshotMissingError(id);
    await this.#claim(id);
    const known = this.#known.get(id);
    if (known === undefined || !existsSync(join(this.#folder, id, RECORD)))
      throw new SnapshotMissingError(id);
    return this.#hold(id, known);
  }

  /**
   * Name of the directory for a layer on top of others: the snapshot from which this machine wrote the layer, which avoids
   * a download, or the unpacked layer. The layer of a RUN omits files that are unchanged from below, so its snapshot can
   * replace it on top of the same layers only.
   */
  nameOf(layer: JobLayer, below: readonly string[]): string {
    if ("snapshot" in layer) return layer.snapshot;
    const name = unpackedName(layer.diffId);
    if (this.#known.has(name)) return name;
    const layers = this.#layersOf(below);
    const snapshot = [...this.#known].find(
      ([, known]) =>
        known.layer === name &&
        known.blobs?.includes(layer.digest) &&
        (known.below === undefined || this.#layersOf(known.below) === layers),
    );
    return snapshot?.[0] ?? name;
  }

  /** Records the layer that was written from a snapshot. */
  async setLayer(id: string, { digest, diffId }: Pick<StoredLayer, "digest" | "diffId">): Promise<void> {
    const known = this.#known.get(id);
    if (known !== undefined) await this.#update(id, known, { layer: unpackedName(diffId), blobs: [digest] });
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

  /** Holds the directory of this name; `fill` makes its contents when it is missing. */
  async holdOrMake(
    name: string,
    signal: AbortSignal,
    fill: (tree: string) => Promise<DirectoryRecord>,
  ): Promise<HeldDirectory> {
    for (;;) {
      await this.#claim(name);
      const known = this.#known.get(name);
      // The folder may have been emptied.
      if (known !== undefined && existsSync(join(this.#folder, name, RECORD))) return this.#hold(name, known);
      let making = this.#making.get(name);
      const isMine = making === undefined;
      making ??= this.#make(name, fill);
      try {
        await making;
      } catch (error) {
        // The attempt of another caller may have been cancelled.
        if (isMine || signal.aborted) throw error;
      }
    }
  }

  /** A snapshot whose contents `fill` makes. It stays at least until the build is released. */
  async addSnapshot(
    build: string,
    signal: AbortSignal,
    fill: (tree: string) => Promise<DirectoryRecord>,
  ): Promise<{ id: string; bytes: number }> {
    const id = `snapshot-${randomUUID()}`;
    const held = await this.holdOrMake(id, signal, fill);
    this.#pinned.set(build, [...(this.#pinned.get(build) ?? []), held]);
    return { id, bytes: held.record.bytes };
  }

  /** The snapshots of a build may be removed when room is needed. */
  release(build: string): void {
    for (const held of this.#pinned.get(build) ?? []) held.release();
    this.#pinned.delete(build);
  }

  /** Identifies a stack of directories by the layers that they are, as far as they are known. */
  #layersOf(names: readonly string[]): string {
    return names.map((name) => this.#known.get(name)?.layer ?? name).join(" ");
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
    const known = this.#known.get(name);
    if (known !== undefined) await this.#update(name, known, { blobs: [...blobs, layer.digest] });
  }

  async #update(name: string, known: Known, change: Partial<DirectoryRecord>): Promise<void> {
    Object.assign(known, change);
    const { usedAt: _, holders: __, ...record } = known;
    await writeRecord(join(this.#folder, name), record);
  }

  #hold(name: string, known: Known): HeldDirectory {
    known.holders += 1;
    known.usedAt = Date.now();
    return {
      name,
      path: join(this.#folder, name, "tree"),
      record: known,
      release: once(() => this.#release(name, known)),
    };
  }

  /** Protects a directory from removal by other programs, and reads whether it exists. */
  async #claim(name: string): Promise<void> {
    await this.#evicting.get(name);
    if (!(await this.#claims.claim(name))) return;
    const found = await readRecord(join(this.#folder, name));
    if (found === undefined) this.#known.delete(name);
    else if (!this.#known.has(name)) this.#known.set(name, { ...found, holders: 0 });
  }

  async #readOrRemove(name: string): Promise<void> {
    const record = await readRecord(join(this.#folder, name));
    if (record !== undefined) this.#known.set(name, { ...record, holders: 0 });
    else await removeTree(join(this.#folder, name));
  }

  #release(name: string, known: Known): void {
    known.holders -= 1;
    const now = new Date();
    utimes(join(this.#folder, name, RECORD), now, now).catch(() => {});
    this.#evict().catch((error: unknown) => console.error(error));
  }

  #make(name: string, fill: (tree: string) => Promise<DirectoryRecord>): Promise<void> {
    const making = this.#slots.use(() => this.#makeNow(name, fill)).finally(() => this.#making.delete(name));
    this.#making.set(name, making);
    return making;
  }

  /** Makes a directory atomically. */
  async #makeNow(name: string, fill: (tree: string) => Promise<DirectoryRecord>): Promise<void> {
    const folder = this.#temporary(NEW);
    try {
      await mkdir(join(folder, "tree"), { recursive: true, mode: 0o755 });
      const record = await fill(join(folder, "tree"));
      await writeRecord(folder, record);
      if (!(await renameNew(folder, join(this.#folder, name)))) await removeTree(folder);
      this.#known.set(name, { ...record, usedAt: Date.now(), holders: 0 });
    } catch (cause) {
      const error = (await isFull(this.#folder)) ? new DiskFullError({ cause }) : cause;
      await removeTree(folder);
      throw error;
    }
  }

  async #unpack(
    tree: string,
    layer: StoredLayer,
    fetchBlob: FetchBlob,
    signal: AbortSignal,
  ): Promise<DirectoryRecord> {
    const blob = await fetchBlob(layer.digest, signal);
    const summary = await unpackLayer(layer, blob, tree, { prefix: this.prefix, signal });
    return { ...recordOf(summary), blobs: [layer.digest] };
  }

  async #evict(): Promise<void> {
    if (this.#bytes <= this.#limit) return;
    // Other programs may have added directories.
    for (const name of await readdir(this.#folder)) {
      if (this.#known.has(name) || this.#evicting.has(name)) continue;
      const record = await readRecord(join(this.#folder, name));
      if (record !== undefined) this.#known.set(name, { ...record, holders: 0 });
    }
    const names = [...this.#known].sort(([, a], [, b]) => a.usedAt - b.usedAt).map(([name]) => name);
    for (const name of names) {
      if (this.#bytes <= this.#limit) return;
      const known = this.#known.get(name);
      if (known === undefined || known.holders > 0) continue;
      this.#known.delete(name);
      const evicting = this.#evictOne(name, known).finally(() => this.#evicting.delete(name));
      this.#evicting.set(name, evicting);
      await evicting;
    }
  }

  async #evictOne(name: string, known: Known): Promise<void> {
    const gone = this.#temporary(OLD);
    const isMine = await this.#claims.evict(name, () =>
      rename(join(this.#folder, name), gone).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "ENOENT") throw error;
      }),
    );
    if (isMine) await removeTree(gone);
    else this.#known.set(name, known);
  }

  get #bytes(): number {
    let total = 0;
    for (const { bytes } of this.#known.values()) total += bytes;
    return total;
  }

  #temporary(kind: typeof NEW | typeof OLD): string {
    return join(this.#folder, `${kind}${this.#claims.program}+${randomUUID()}`);
  }
}

/** Whether a directory is a snapshot, by its name. */
export function isSnapshot(name: string): boolean {
  return SNAPSHOT.test(name);
}

/** The record of a directory that was unpacked from members of a layer. */
export function recordOf({ implied, bytes, root, index }: OverlaySummary): DirectoryRecord {
  if (root === undefined) return { bytes, implied, index };
  const { mode, uid, gid, mtime } = root;
  return { bytes, implied, index, root: { mode, uid, gid, mtime } };
}

/** Renames a new folder; false when the name is taken, because another program was faster. */
async function renameNew(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOTEMPTY" || code === "EEXIST") return false;
    throw error;
  }
}

function unpackedName(diffId: string): string {
  const name = parseDigest(diffId)?.encoded;
  if (name === undefined) throw new Error(`Cannot unpack a layer: ${diffId} is not a digest`);
  return name;
}

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) work();
    isDone = true;
  };
}
