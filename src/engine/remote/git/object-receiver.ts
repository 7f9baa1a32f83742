import { collect } from "../../../streams/collect.ts";
import { concat } from "../../../streams/concat.ts";
import { hashWhileReading } from "../../../streams/sha256.ts";
import { spend } from "../../../streams/turns.ts";
import type { PackFiles } from "../pack-files.ts";
import { applyDelta, readDeltaHeader } from "./delta.ts";
import { corruptGitError, GitError } from "./git-error.ts";
import { type ObjectFormat, type ObjectType, objectHash } from "./object-format.ts";
import type { PackDelta, PackEntry, PackLimits, PackObject } from "./pack.ts";
import { RecentContents } from "./recent-contents.ts";

/** Limits for a repository, in addition to those of each pack. */
export interface ReceiveLimits extends PackLimits {
  /** Bytes of a delta base, which is held in memory. */
  baseBytes: number;
  /** Bytes of all file contents. */
  fileBytes: number;
  /** Bytes of all trees, commits and tags, which are held in memory. */
  metadataBytes: number;
  /** Bytes of files cached in memory as possible delta bases; others are read back. */
  recentBytes: number;
  /** Bytes of all files that are read back. */
  readBackBytes: number;
  /** Bytes of all deltas that wait for a later base. */
  waitingBytes: number;
}

/** An object whose id was computed from its contents. */
export interface GitObject {
  id: string;
  type: ObjectType;
  size: number;
  /** Of a blob: its digest in the store, `sha256:<hex>`. */
  digest?: string;
  /** The contents of trees, commits and tags, and of blobs small enough to be symbolic links. */
  bytes?: Uint8Array;
}

/** Cost of applying a delta, besides its bytes. */
const DELTA = 2048;
/** Contents up to this many bytes are collected before they are stored. */
const WHOLE = 1 << 20;
/** Blobs that may be symbolic links are held in memory, up to this length each and a limit in total. */
const LINK_BYTES = 255;
const ALL_LINKS_BYTES = 4 << 20;

/**
 * Converts pack entries to objects as they arrive. Stores blobs immediately, so that the pack need not be buffered; other
 * objects are small and stay in memory.
 */
export class ObjectReceiver {
  readonly #format: ObjectFormat;
  readonly #files: PackFiles;
  readonly #limits: ReceiveLimits;
  readonly #byId: Map<string, GitObject>;
  readonly #byOffset = new Map<number, GitObject>();
  readonly #waiting = new Map<number | string, PackDelta[]>();
  readonly #waitingAt = new Set<number>();
  readonly #recent: RecentContents;
  #waitingBytes = 0;
  #metadataBytes = 0;
  #fileBytes = 0;
  #linkBytes = 0;
  #readBackBytes = 0;

  /** @param objects receives each object under its id. */
  constructor(
    objects: Map<string, GitObject>,
    format: ObjectFormat,
    files: PackFiles,
    limits: ReceiveLimits,
  ) {
    this.#byId = objects;
    this.#format = format;
    this.#files = files;
    this.#limits = limits;
    this.#recent = new RecentContents(limits.recentBytes);
  }

  async add(entry: PackEntry): Promise<void> {
    let received: { object: GitObject; offset: number } | undefined;
    if (entry.kind === "object") received = { object: await this.#store(entry), offset: entry.offset };
    else {
      const base =
        typeof entry.base === "number" ? this.#byOffset.get(entry.base) : this.#byId.get(entry.base);
      if (base === undefined) this.#wait(entry);
      else received = { object: await this.#apply(entry, base), offset: entry.offset };
    }
    if (received !== undefined) await this.#addResolved(received);
  }

  /** Checks the end of the pack. @throws {GitError} when the base of a delta is missing */
  finish(): void {
    const [base] = this.#waiting.keys();
    if (base === undefined) return;
    const where = typeof base === "number" ? `at byte ${base}` : base;
    throw corruptGitError("the pack", `the delta base ${where} is missing`);
  }

  /** Adds an object, and then recursively all deltas that wait for it. */
  async #addResolved(first: { object: GitObject; offset: number }): Promise<void> {
    const resolved = [first];
    for (let next = resolved.pop(); next !== undefined; next = resolved.pop()) {
      const { object, offset } = next;
      this.#byOffset.set(offset, object);
      if (!this.#byId.has(object.id)) this.#byId.set(object.id, object);
      if (this.#waiting.size === 0) continue;
      for (const key of [offset, object.id]) {
        for (const delta of this.#waiting.get(key) ?? []) {
          this.#waitingBytes -= delta.instructions.length;
          this.#waitingAt.delete(delta.offset);
          resolved.push({ object: await this.#apply(delta, object), offset: delta.offset });
        }
        this.#waiting.delete(key);
      }
    }
  }

  #wait(delta: PackDelta): void {
    // A base given by offset comes before its delta, so only another waiting delta can be missing.
    if (typeof delta.base === "number" && !this.#waitingAt.has(delta.base)) {
      throw corruptGitError("the pack", `no object begins at byte ${delta.base}`);
    }
    this.#waitingBytes += delta.instructions.length;
    if (this.#waitingBytes > this.#limits.waitingBytes) {
      throw new GitError("git-too-large", "Cannot read the pack: too many deltas come before their bases");
    }
    this.#waitingAt.add(delta.offset);
    const waiting = this.#waiting.get(delta.base);
    if (waiting === undefined) this.#waiting.set(delta.base, [delta]);
    else waiting.push(delta);
  }

  #store(entry: PackObject): Promise<GitObject> {
    return this.#keep(entry.type, entry.size, entry.contents);
  }

  async #apply(delta: PackDelta, base: GitObject): Promise<GitObject> {
    const header = readDeltaHeader(delta.instructions);
    if (header.resultSize > this.#limits.objectBytes) {
      throw new GitError(
        "git-too-large",
        `Cannot read an object of the pack: it has ${header.resultSize} bytes, more than ${this.#limits.objectBytes}`,
      );
    }
    const turn = spend(DELTA + delta.instructions.length + Math.min(header.resultSize, WHOLE));
    if (turn !== undefined) await turn;
    const parts = applyDelta(await this.#contents(base), delta.instructions, header);
    const contents = header.resultSize <= WHOLE ? concat([...parts]) : toAsync(parts);
    return this.#keep(base.type, header.resultSize, contents);
  }

  async #keep(
    type: ObjectType,
    size: number,
    contents: Uint8Array | AsyncIterable<Uint8Array>,
  ): Promise<GitObject> {
    const hash = objectHash(this.#format, type, size);
    if (type !== "blob") {
      this.#metadataBytes += size;
      if (this.#metadataBytes > this.#limits.metadataBytes) {
        throw new GitError(
          "git-too-large",
          `Cannot read the pack: its directories have more than ${this.#limits.metadataBytes} bytes`,
        );
      }
      const bytes = contents instanceof Uint8Array ? contents : await collect(contents, size);
      return { id: hash.update(bytes).digest("hex"), type, size, bytes };
    }
    this.#fileBytes += size;
    if (this.#fileBytes > this.#limits.fileBytes) {
      throw new GitError(
        "git-too-large",
        `Cannot read the pack: its files have more than ${this.#limits.fileBytes} bytes`,
      );
    }
    if (!(contents instanceof Uint8Array)) {
      const { digest } = await this.#files.add(hashWhileReading(contents, hash));
      return { id: hash.digest("hex"), type, size, digest };
    }
    const id = hash.update(contents).digest("hex");
    const { digest } = await this.#files.add(contents);
    const object: GitObject = { id, type, size, digest };
    if (size <= LINK_BYTES && this.#linkBytes + size <= ALL_LINKS_BYTES) {
      this.#linkBytes += size;
      object.bytes = contents;
    } else this.#recent.put(object, contents);
    return object;
  }

  async #contents(object: GitObject): Promise<Uint8Array> {
    const held = object.bytes ?? this.#recent.get(object);
    if (held !== undefined) return held;
    const { digest, size, id } = object;
    if (size > this.#limits.baseBytes) {
      throw new GitError(
        "git-too-large",
        `Cannot read the pack: object ${id} of ${size} bytes is the base of a delta: the limit is ${this.#limits.baseBytes}`,
      );
    }
    if (digest === undefined) throw new Error(`Object ${id} has no contents`);
    this.#readBackBytes += size;
    if (this.#readBackBytes > this.#limits.readBackBytes) {
      throw new GitError("git-too-large", "Cannot read the pack: its deltas are too far from their bases");
    }
    const bytes = await collect(this.#files.read({ digest, size }), size);
    this.#recent.put(object, bytes);
    return bytes;
  }
}

async function* toAsync(parts: Iterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  for (const part of parts) {
    const turn = spend(part.length);
    if (turn !== undefined) await turn;
    yield part;
  }
}
