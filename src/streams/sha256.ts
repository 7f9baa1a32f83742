import { createHash, type Hash } from "node:crypto";

/** The hashes that the image specification registers for digests. */
export type DigestAlgorithm = "sha256" | "sha512";

/** Computes a digest incrementally. */
export class Digester {
  readonly algorithm: DigestAlgorithm;
  readonly #hash: Hash;

  constructor(algorithm: DigestAlgorithm = "sha256", hash: Hash = createHash(algorithm)) {
    this.algorithm = algorithm;
    this.#hash = hash;
  }

  update(bytes: Uint8Array): this {
    this.#hash.update(bytes);
    return this;
  }

  /** `<algorithm>:<hex>` of all bytes. The digester cannot be used afterwards. */
  digest(): string {
    return `${this.algorithm}:${this.#hash.digest("hex")}`;
  }

  /** An independent copy with the same state. */
  copy(): Digester {
    return new Digester(this.algorithm, this.#hash.copy());
  }
}

/** `sha256:<hex>` of bytes, or of a text in UTF-8. */
export function sha256(data: Uint8Array | string): string {
  return `sha256:${sha256Hex(data)}`;
}

/** The SHA-256 of bytes, or of a text in UTF-8, in hexadecimal. */
export function sha256Hex(data: Uint8Array | string): string {
  return createHash("sha256").update(data).digest("hex");
}

/** The hexadecimal part of a digest, after the name of its algorithm. */
export function hexOf(digest: string): string {
  return digest.slice(digest.indexOf(":") + 1);
}

/** Digest of the empty file. */
export const NO_BYTES = sha256("");

/** The chunks of a source, each of which is also added to a hash. */
export async function* hashWhileReading(
  source: AsyncIterable<Uint8Array>,
  hash: { update(chunk: Uint8Array): unknown },
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of source) {
    hash.update(chunk);
    yield chunk;
  }
}
