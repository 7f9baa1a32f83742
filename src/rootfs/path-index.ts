import type { LineStore } from "./line-store.ts";
import { BACKSLASH, PATH_START, QUOTE } from "./raw-path.ts";

const encoder = new TextEncoder();

/** In the slot of a line that is not there any more. Others may have been put further on because of it. */
const GONE = -1;

/** Finds lines of nodes by their paths: a hash table of line numbers. */
export class PathIndex {
  readonly #lines: LineStore;
  /**
   * Line number + 1, or 0, or `GONE`. Its length is a power of two, and two to eight times the number of those that are
   * not 0.
   */
  #slots: Int32Array = new Int32Array(64);
  #count = 0;
  readonly #seed: number;

  /** @param seed names come from strangers, who shall not know which of them collide */
  constructor(lines: LineStore, seed = (Math.random() * 0x100000000) | 0) {
    this.#lines = lines;
    this.#seed = seed;
  }

  /** The number of the line with this path, or -1. */
  find(path: string): number {
    const escaped = isPlain(path) ? undefined : inJson(path);
    let hash = this.#seed;
    if (escaped === undefined) {
      for (let i = 0; i < path.length; i++) hash = mix(hash, path.charCodeAt(i));
    } else {
      for (const byte of escaped) hash = mix(hash, byte);
    }
    const mask = this.#slots.length - 1;
    for (let slot = finish(hash) & mask; ; slot = (slot + 1) & mask) {
      const entry = this.#slots[slot] as number;
      if (entry === 0) return -1;
      if (entry === GONE) continue;
      const number = entry - 1;
      const { bytes, start } = this.#lines.locate(number);
      if (hasPath(bytes, start + PATH_START, path, escaped)) return number;
    }
  }

  /** Adds a line whose path is not there yet. */
  insert(number: number): void {
    if (this.#count * 2 >= this.#slots.length) this.#rehash(this.#slots.length * 4);
    this.#put(number);
    this.#count++;
  }

  /** Begins anew with all lines of the store. */
  rebuild(): void {
    this.#count = this.#lines.count;
    let size = 64;
    while (size < this.#count * 2) size *= 2;
    this.#slots = new Int32Array(size);
    for (let number = 0; number < this.#count; number++) this.#put(number);
  }

  /**
   * The index of a store whose lines are these under other numbers: `numbers` has the new one of each line, or -1 for one
   * that is not there.
   */
  moved(lines: LineStore, numbers: Int32Array): PathIndex {
    const index = new PathIndex(lines, this.#seed);
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

  #put(number: number): void {
    const { bytes, start } = this.#lines.locate(number);
    let hash = this.#seed;
    for (let at = start + PATH_START; bytes[at] !== QUOTE && at < bytes.length; at++) {
      if (bytes[at] === BACKSLASH) hash = mix(hash, bytes[at++] as number);
      hash = mix(hash, bytes[at] as number);
    }
    const mask = this.#slots.length - 1;
    let slot = finish(hash) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = number + 1;
  }
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

/** JSON writes such a path as it is. */
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
