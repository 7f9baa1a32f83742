import { type DigestAlgorithm, Digester } from "./sha256.ts";
import { spend } from "./turns.ts";

/** What bytes must turn out to be: the part of a descriptor that can be checked. */
export interface Expected {
  /** `sha256:<hex>` or `sha512:<hex>`. */
  digest: string;
  /** Bytes. */
  size?: number;
}

/** There were fewer or more bytes than promised. `actual` counts no further than the chunk that was too much. */
export class SizeMismatchError extends Error {
  override name = "SizeMismatchError";
  readonly code = "size-mismatch";
  readonly expected: number;
  readonly actual: number;

  constructor(digest: string, expected: number, actual: number) {
    const how = actual > expected ? "more than that came" : `${actual} came`;
    super(`Cannot verify ${digest}: ${expected} bytes were promised and ${how}`);
    this.expected = expected;
    this.actual = actual;
  }
}

/** The bytes have another digest than promised. */
export class ContentMismatchError extends Error {
  override name = "ContentMismatchError";
  readonly code = "content-mismatch";
  readonly expected: string;
  readonly actual: string;

  constructor(expected: string, actual: string) {
    super(`Cannot verify ${expected}: the bytes have digest ${actual}`);
    this.expected = expected;
    this.actual = actual;
  }
}

/**
 * The bytes of `source`, hashed while they pass; at most `expected.size` of them. Only the end of the iteration
 * says whether they are the right ones, so nothing may be believed before: it throws `SizeMismatchError` or
 * `ContentMismatchError` there, and `TypeError` at the start for a digest of an unknown algorithm.
 */
export async function* verified(
  source: AsyncIterable<Uint8Array>,
  expected: Expected,
): AsyncGenerator<Uint8Array, void, undefined> {
  const digester = new Digester(algorithmOf(expected.digest));
  const promised = expected.size ?? Number.POSITIVE_INFINITY;
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (size > promised) throw new SizeMismatchError(expected.digest, promised, size);
    const turn = spend(chunk.length);
    if (turn !== undefined) await turn;
    digester.update(chunk);
    yield chunk;
  }
  if (expected.size !== undefined && size < promised) {
    throw new SizeMismatchError(expected.digest, promised, size);
  }
  const actual = digester.digest();
  if (actual !== expected.digest) throw new ContentMismatchError(expected.digest, actual);
}

function algorithmOf(digest: string): DigestAlgorithm {
  const algorithm = digest.slice(0, digest.indexOf(":"));
  if (algorithm === "sha256" || algorithm === "sha512") return algorithm;
  throw new TypeError(`Cannot verify ${digest}: its algorithm is neither sha256 nor sha512`);
}
