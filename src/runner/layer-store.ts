import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, utimes } from "node:fs/promises";
import { join } from "node:path";
import type { JobLayer } from "../../schemas/runner.ts";
import { parseDigest } from "../oci/digest.ts";
import { runCommand } from "./command.ts";
import { adoptDirectory, type DirectoryAttributes } from "./directory-attributes.ts";
import { DiskFullError, isFull } from "./disk.ts";
import { isAlive, LayerClaims } from "./layer-claims.ts";
import { type LayerRecord, RECORD, readRecord, writeRecord } from "./layer-record.ts";
import { removeTree } from "./remove-tree.ts";
import { Slots } from "./slots.ts";
import { unpackLayer } from "./unpack.ts";

/** A layer that is unpacked and stays so until it is released. */
export interface HeldLayer {
  /** The directory that overlayfs takes as a lower one. */
  path: string;
  /** Of the root directory; undefined when the layer says nothing about it. */
  root: DirectoryAttributes | undefined;
  release(): void;
}

interface Known extends LayerRecord {
  usedAt: number;
  holders: number;
}

/** How a blob comes: its bytes as they are stored. */
export type FetchBlob = (digest: string, signal: AbortSignal) => Promise<AsyncIterable<Uint8Array>>;

const NEW = "new-";
const OLD = "old-";
/** Layers that are fetched and unpacked at the same time. */
const AT_A_TIME = 4;

/**
 * Unpacked layers, each once, named by diffID. Those that are not held are removed, the longest unused first, while
 * all together are larger than `limit` bytes. Several programs may use one folder.
 */
export class LayerStore {
  readonly #folder: string;
  readonly #limit: number;
  readonly #prefix: "trusted" | "user";
  readonly #slots = new Slots(AT_A_TIME);
  readonly #known = new Map<string, Known>();
  readonly #making = new Map<string, Promise<void>>();
  readonly #evicting = new Map<string, Promise<unknown>>();
  readonly #claims: LayerClaims;

  private constructor(folder: string, limit: number, prefix: "trusted" | "user") {
    this.#folder = folder;
    this.#limit = limit;
    this.#prefix = prefix;
    this.#claims = new LayerClaims(`${folder}.claims`);
  }

  /**
   * Takes up what is in `folder`; layers that a program was unpacking or removing when it ended are removed.
   * @param prefix of the attributes with which layers are marked: a folder has layers of one kind only
   */
  static async open(folder: string, limit: number, prefix: "trusted" | "user"): Promise<LayerStore> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const store = new LayerStore(folder, limit, prefix);
    for (const name of await readdir(folder)) {
      const [, maker] = /^(?:new|old)-(.+)\+/.exec(name) ?? [];
      if (maker === undefined || !isAlive(maker)) await store.#takeUp(name);
    }
    await store.#evict();
    return store;
  }

  /** Gives all layers free for others. */
  close(): void {
    this.#claims.close();
  }

  /**
   * The layer, fetched and unpacked when it is not there yet; two who ask at once wait for the same.
   * @throws when it cannot be fetched, verified or written
   */
  hold(layer: JobLayer, fetchBlob: FetchBlob, signal: AbortSignal): Promise<HeldLayer> {
    return this.#hold(nameOf(layer), signal, (folder) => this.#fill(folder, layer, fetchBlob, signal));
  }

  /**
   * The layer as it is above `below`, the lowest first: directories that it needs and says nothing about look as they
   * do there. Few layers have such.
   */
  async holdAbove(
    below: readonly HeldLayer[],
    layer: JobLayer,
    held: HeldLayer,
    chain: string,
    signal: AbortSignal,
  ): Promise<HeldLayer> {
    const name = nameOf(layer);
    const record = this.#known.get(name);
    if (record === undefined || record.implied.length === 0 || below.length === 0) return held;
    const variant = await this.#hold(`${name}-${chain}`, signal, async (folder) => {
      // Files are shared, directories are not.
      await runCommand("cp", ["-al", "--", held.path, folder], { signal });
      const lower = below.map(({ path }) => path).reverse();
      for (const path of record.implied) adoptDirectory(join(folder, "tree", path), path, lower);
      return { bytes: 4096 * record.implied.length, implied: [], ...(record.root && { root: record.root }) };
    });
    held.release();
    return variant;
  }

  async #hold(
    name: string,
    signal: AbortSignal,
    fill: (folder: string) => Promise<LayerRecord>,
  ): Promise<HeldLayer> {
    let known: Known | undefined;
    for (;;) {
      await this.#claim(name);
      known = this.#known.get(name);
      // Somebody may have emptied the folder.
      if (known !== undefined && existsSync(join(this.#folder, name, RECORD))) break;
      let making = this.#making.get(name);
      const isMine = making === undefined;
      making ??= this.#make(name, fill);
      try {
        await making;
      } catch (error) {
        // Whoever waited for somebody else's attempt, which may have been cancelled, makes one of its own.
        if (isMine || signal.aborted) throw error;
      }
    }
    known.holders += 1;
    known.usedAt = Date.now();
    return {
      path: join(this.#folder, name, "tree"),
      root: known.root,
      release: once(() => this.#release(name, known)),
    };
  }

  /** From now on nobody but `#evict` removes the layer, and whether it is there is known. */
  async #claim(name: string): Promise<void> {
    await this.#evicting.get(name);
    if (!(await this.#claims.claim(name))) return;
    const found = await readRecord(join(this.#folder, name));
    if (found === undefined) this.#known.delete(name);
    else if (!this.#known.has(name)) this.#known.set(name, { ...found, holders: 0 });
  }

  async #takeUp(name: string): Promise<void> {
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

  #make(name: string, fill: (folder: string) => Promise<LayerRecord>): Promise<void> {
    const making = this.#slots.use(() => this.#makeNow(name, fill)).finally(() => this.#making.delete(name));
    this.#making.set(name, making);
    return making;
  }

  /** Whole, or not at all. */
  async #makeNow(name: string, fill: (folder: string) => Promise<LayerRecord>): Promise<void> {
    const folder = this.#temporary(NEW);
    try {
      await mkdir(folder, { recursive: true });
      const record = await fill(folder);
      await writeRecord(folder, record);
      if (!(await renameNew(folder, join(this.#folder, name)))) await removeTree(folder);
      this.#known.set(name, { ...record, usedAt: Date.now(), holders: 0 });
    } catch (cause) {
      const error = (await isFull(this.#folder)) ? new DiskFullError({ cause }) : cause;
      await removeTree(folder);
      throw error;
    }
  }

  async #fill(
    folder: string,
    layer: JobLayer,
    fetchBlob: FetchBlob,
    signal: AbortSignal,
  ): Promise<LayerRecord> {
    const tree = join(folder, "tree");
    await mkdir(tree, { mode: 0o755 });
    const blob = await fetchBlob(layer.digest, signal);
    const { implied, bytes, root } = await unpackLayer(layer, blob, tree, { prefix: this.#prefix, signal });
    if (root === undefined) return { bytes, implied };
    const { mode, uid, gid, mtime } = root;
    return { bytes, implied, root: { mode, uid, gid, mtime } };
  }

  async #evict(): Promise<void> {
    if (this.#bytes <= this.#limit) return;
    // Others may have added some.
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

/** Gives a folder its name; false when there is such a folder already: another program was faster. */
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

function nameOf({ diffId }: JobLayer): string {
  const name = parseDigest(diffId)?.encoded;
  if (name === undefined) throw new Error(`Cannot unpack a layer: ${diffId} is no digest`);
  return name;
}

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) work();
    isDone = true;
  };
}
