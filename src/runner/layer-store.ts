import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { JobLayer } from "../../schemas/runner.ts";
import { parseDigest } from "../oci/digest.ts";
import { runCommand } from "./command.ts";
import { unpackLayer } from "./unpack.ts";

/** A layer that is unpacked and stays so until it is released. */
export interface HeldLayer {
  /** The directory that overlayfs takes as a lower one. */
  path: string;
  /** Directories that the layer needs and says nothing about. */
  implied: readonly string[];
  release(): void;
}

interface Known {
  bytes: number;
  implied: string[];
  usedAt: number;
  holders: number;
}

/** How a blob comes: its bytes as they are stored. */
export type FetchBlob = (digest: string, signal: AbortSignal) => Promise<AsyncIterable<Uint8Array>>;

const NEW = "new-";
const OLD = "old-";

/**
 * Unpacked layers, each once, named by diffID. Those that are not held are removed, the longest unused first, while
 * all together are larger than `limit` bytes.
 */
export class LayerStore {
  readonly #folder: string;
  readonly #limit: number;
  readonly #prefix: "trusted" | "user";
  readonly #known = new Map<string, Known>();
  readonly #unpacking = new Map<string, Promise<Known>>();

  private constructor(folder: string, limit: number, prefix: "trusted" | "user") {
    this.#folder = folder;
    this.#limit = limit;
    this.#prefix = prefix;
  }

  /** Takes up what an earlier process left in `folder`; half-unpacked layers are removed. */
  static async open(folder: string, limit: number, prefix: "trusted" | "user"): Promise<LayerStore> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const store = new LayerStore(folder, limit, prefix);
    for (const name of await readdir(folder)) {
      const known = await readRecord(join(folder, name));
      if (known === undefined) await removeTree(join(folder, name));
      else store.#known.set(name, known);
    }
    await store.#evict();
    return store;
  }

  /**
   * The layer, fetched and unpacked when it is not there yet; two who ask at once wait for the same.
   * @throws when it cannot be fetched, verified or written
   */
  async hold(layer: JobLayer, fetchBlob: FetchBlob, signal: AbortSignal): Promise<HeldLayer> {
    const name = parseDigest(layer.diffId)?.encoded;
    if (name === undefined) throw new Error(`Cannot unpack a layer: ${layer.diffId} is no digest`);
    let known = this.#known.get(name);
    while (known === undefined) {
      let unpacking = this.#unpacking.get(name);
      const isMine = unpacking === undefined;
      unpacking ??= this.#unpack(name, layer, fetchBlob, signal);
      try {
        known = await unpacking;
      } catch (error) {
        // Whoever waited for somebody else's attempt, which may have been cancelled, makes one of its own.
        if (isMine || signal.aborted) throw error;
      }
    }
    known.holders += 1;
    known.usedAt = Date.now();
    return {
      path: join(this.#folder, name, "tree"),
      implied: known.implied,
      release: once(() => this.#release(name, known)),
    };
  }

  #release(name: string, known: Known): void {
    known.holders -= 1;
    const now = new Date();
    utimes(join(this.#folder, name, "layer.json"), now, now).catch(() => {});
    this.#evict().catch((error: unknown) => console.error(error));
  }

  #unpack(name: string, layer: JobLayer, fetchBlob: FetchBlob, signal: AbortSignal): Promise<Known> {
    const unpacking = this.#unpackNow(name, layer, fetchBlob, signal).finally(() =>
      this.#unpacking.delete(name),
    );
    this.#unpacking.set(name, unpacking);
    return unpacking;
  }

  async #unpackNow(name: string, layer: JobLayer, fetchBlob: FetchBlob, signal: AbortSignal): Promise<Known> {
    const folder = join(this.#folder, NEW + randomUUID());
    try {
      await mkdir(join(folder, "tree"), { recursive: true });
      const blob = await fetchBlob(layer.digest, signal);
      const { implied, bytes } = await unpackLayer(layer, blob, join(folder, "tree"), {
        prefix: this.#prefix,
        signal,
      });
      await writeFile(join(folder, "layer.json"), JSON.stringify({ bytes, implied }));
      await rename(folder, join(this.#folder, name));
      const known: Known = { bytes, implied, usedAt: Date.now(), holders: 0 };
      this.#known.set(name, known);
      return known;
    } catch (error) {
      await removeTree(folder);
      throw error;
    }
  }

  async #evict(): Promise<void> {
    let total = 0;
    for (const { bytes } of this.#known.values()) total += bytes;
    const idle = [...this.#known].filter(([, { holders }]) => holders === 0);
    for (const [name, { bytes }] of idle.sort(([, a], [, b]) => a.usedAt - b.usedAt)) {
      if (total <= this.#limit) return;
      total -= bytes;
      this.#known.delete(name);
      const gone = join(this.#folder, OLD + randomUUID());
      await rename(join(this.#folder, name), gone);
      await removeTree(gone);
    }
  }
}

async function readRecord(folder: string): Promise<Known | undefined> {
  try {
    const path = join(folder, "layer.json");
    const { bytes, implied } = JSON.parse(await readFile(path, "utf8")) as Pick<Known, "bytes" | "implied">;
    const { mtimeMs } = await stat(path);
    const name = folder.slice(folder.lastIndexOf("/") + 1);
    if (name.startsWith(NEW) || name.startsWith(OLD)) return undefined;
    return { bytes, implied, usedAt: mtimeMs, holders: 0 };
  } catch {
    return undefined;
  }
}

/** By the program, not by Node: names may be any bytes. */
export async function removeTree(path: string): Promise<void> {
  await runCommand("rm", ["-rf", "--one-file-system", "--", path]);
}

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) work();
    isDone = true;
  };
}
