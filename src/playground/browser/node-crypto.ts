/**
 * SHA-256 with the interface of `node:crypto`, for the engine and the client in a browser. The browser's own digest is
 * asynchronous and needs all bytes at once.
 */

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

export class Hash {
  readonly #hash: ReturnType<typeof sha256.create>;

  constructor(hash = sha256.create()) {
    this.#hash = hash;
  }

  update(data: Uint8Array | string): this {
    this.#hash.update(typeof data === "string" ? new TextEncoder().encode(data) : data);
    return this;
  }

  /** Finishes the hash, which must not be used afterwards. */
  digest(encoding: "hex"): string {
    if (encoding !== "hex") throw new TypeError(`Cannot write a hash as ${encoding}`);
    return bytesToHex(this.#hash.digest());
  }

  /** Returns an independent copy of the current state. */
  copy(): Hash {
    return new Hash(this.#hash.clone());
  }
}

export function createHash(algorithm: string): Hash {
  if (algorithm !== "sha256") throw new TypeError(`Cannot compute ${algorithm} in a browser`);
  return new Hash();
}
