import type { LineStore } from "./line-store.ts";
import { BACKSLASH, PATH_START, QUOTE } from "./raw-path.ts";

const encoder = new TextEncoder();

/** Cost of a line besides the bytes of its path, and the size of a piece of work. */
const LINE = 64;
const PIECE = 1 << 18;

/** Marks the slot of a removed line, because later slots may depend on it. */
const GONE = -1;

/** Finds lines by path: a hash table of line numbers. */
export class PathIndex {
  readonly #lines: LineStore;
  /**
   * Line number + 1, or 0, or `GONE`. Its length is a power of two, two to eight times the number of non-zero slots.
   */
  #slots: Int32Array = new Int32Array(64);
  #count = 0;

  constructor(lines: LineStore) {
    this.#lines = lines;
  }

  /** Bytes in memory. */
  get memory(): number {
    return this.#slots.byteLength;
  }

  /** The number of the line with this path, or -1. */
  find(path: string): number {
    const { hash, escaped } = hashOf(path);
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = this.#slots[slot] as number;
      if (entry === 0) return -1;
      if (entry === GONE) continue;
      const number = entry - 1;
      const { bytes, start } = this.#lines.locate(number);
      if (hasPath(bytes, start + PATH_START, path, escaped)) return number;
    }
  }

  /** Adds a line with a new path. */
  insert(number: number): void {
    if (this.#count * 2 >= this.#slots.length) this.#rehash(this.#slots.length * 4);
    this.#put(number);
    this.#count++;
  }

  /** Rebuilds the index for all lines. Works in pieces: see `inTurns`. */
  *rebuildInPieces(): Generator<number, void, undefined> {
    this.#count = this.#lines.count;
    let size = 64;
    while (size < this.#count * 2) size *= 2;
    this.#slots = new Int32Array(size);
    let cost = 0;
    for (let number = 0; number < this.#count; number++) {
      cost += LINE + this.#put(number);
      if (cost < PIECE) continue;
      yield cost;
      cost = 0;
    }
  }

  /**
   * The index of a store with renumbered lines: `numbers` has the new number of each line, or -1 for a removed line.
   */
  renumber(lines: LineStore, numbers: Int32Array): PathIndex {
    const index = new PathIndex(lines);
    index.#count = this.#count;
    index.#slots = this.#slots.map((entry) => {
      if (entry <= 0) return entry;
      const number = numbers[entry - 1] as number;
      return number < 0 ? GONE : number + 1;
    });
    return index;
  }

  #rehash(size: number): void {
    const old = this.#slots;
    this.#slots = new Int32Array(size);
    this.#count = 0;
    for (const entry of old) {
      if (entry <= 0) continue;
      this.#put(entry - 1);
      this.#count++;
    }
  }

  /** Adds a line; returns the length of its path. */
  #put(number: number): number {
    const { bytes, start } = this.#lines.locate(number);
    let hash = randomSeed();
    let at = start + PATH_START;
    for (; bytes[at] !== QUOTE && at < bytes.length; at++) {
      if (bytes[at] === BACKSLASH) hash = mix(hash, bytes[at++] as number);
      hash = mix(hash, bytes[at] as number);
    }
    const mask = this.#slots.length - 1;
    let slot = finish(hash) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = number + 1;
    return at - start;
  }
}

/** A path as encoded in lines. */
interface HashedPath {
  path: string;
  hash: number;
  /** The path in JSON; undefined when that equals the path. */
  escaped: Uint8Array | undefined;
}

let seed: number | undefined;
/** The last hashed path: the layers of an image are searched for the same path one after the other. */
let last: HashedPath | undefined;

/** Clients choose paths, so they must not be able to compute collisions. */
function randomSeed(): number {
  seed ??= (Math.random() * 0x100000000) | 0;
  return seed;
}

function hashOf(path: string): HashedPath {
  if (last?.path === path) return last;
  const escaped = isPlain(path) ? undefined : inJson(path);
  let hash = randomSeed();
  if (escaped === undefined) {
    for (let i = 0; i < path.length; i++) hash = mix(hash, path.charCodeAt(i));
  } else {
    for (const byte of escaped) hash = mix(hash, byte);
  }
  last = { path, hash: finish(hash), escaped };
  return last;
}

function hasPath(bytes: Uint8Array, from: number, path: string, escaped: Uint8Array | undefined): boolean {
  const length = escaped === undefined ? path.length : escaped.length;
  if (bytes[from + length] !== QUOTE) return false;
  if (escaped === undefined) {
    for (let i = 0; i < length; i++) if (bytes[from + i] !== path.charCodeAt(i)) return false;
  } else {
    for (let i = 0; i < length; i++) if (bytes[from + i] !== escaped[i]) return false;
  }
  return true;
}

/** Whether JSON writes the path unchanged. */
function isPlain(path: string): boolean {
  for (let i = 0; i < path.length; i++) {
    const code = path.charCodeAt(i);
    if (code < 0x20 || code >= 0x80 || code === QUOTE || code === BACKSLASH) return false;
  }
  return true;
}

function inJson(path: string): Uint8Array {
  return encoder.encode(JSON.stringify(path).slice(1, -1));
}

function mix(hash: number, byte: number): number {
  const mixed = Math.imul(hash ^ byte, 0x5bd1e995);
  return mixed ^ (mixed >>> 15);
}

function finish(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
