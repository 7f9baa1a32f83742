import { type DigestAlgorithm, Digester } from "./sha256.ts";
import { spend } from "./turns.ts";

/** The verifiable part of a descriptor. */
interface Expected {
  /** `sha256:<hex>` or `sha512:<hex>`. */
  digest: string;
  /** Bytes. */
  size?: number;
}

/** There are fewer or more bytes than expected. `actual` counts up to the chunk that exceeds the size. */
export class SizeMismatchError extends Error {
  override name = "SizeMismatchError";
  readonly expected: number;
  readonly actual: number;

  constructor(digest: string, expected: number, actual: number) {
    const how = actual > expected ? "received more" : `received ${actual}`;
    super(`Cannot verify ${digest}: ${expected} bytes were promised, ${how}`);
    this.expected = expected;
    this.actual = actual;
  }
}

/** The bytes have another digest than expected. */
export class ContentMismatchError extends Error {
  override name = "ContentMismatchError";
  readonly actual: string;

  constructor(expected: string, actual: string) {
    super(`Cannot verify ${expected}: the bytes have digest ${actual}`);
    this.actual = actual;
  }
}

/**
 * Passes on the bytes of `source`, at most `expected.size`, and verifies them. They must not be trusted before the
 * iteration ends, which throws `SizeMismatchError` or `ContentMismatchError` for wrong bytes.
 * @throws {TypeError} at the start for an unknown digest algorithm
 */
export async function* verifyChunks(
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
