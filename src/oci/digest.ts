import type { DigestAlgorithm } from "../streams/sha256.ts";

/** A digest of the image specification, taken apart. */
export interface ParsedDigest {
  /** Any name that fits the grammar; only those of `DigestAlgorithm` can be verified. */
  algorithm: string;
  encoded: string;
}

// image-spec, descriptor.md, "Digests".
const GRAMMAR = /^([a-z0-9]+(?:[+._-][a-z0-9]+)*):([a-zA-Z0-9=_-]+)$/;

const HEX: Record<DigestAlgorithm, RegExp> = { sha256: /^[0-9a-f]{64}$/, sha512: /^[0-9a-f]{128}$/ };

/** Longest digest that is looked at. */
const MAX_LENGTH = 1024;

/** A text that should be a digest and is not, or one that this program cannot verify. */
export class InvalidDigestError extends Error {
  override name = "InvalidDigestError";
  readonly code = "INVALID_DIGEST";
  /** What is wrong, without the text itself; the words are those of Docker. */
  readonly reason: string;

  constructor(text: string, reason: string) {
    super(`Invalid digest ${JSON.stringify(text.slice(0, 200))}: ${reason}`);
    this.reason = reason;
  }
}

/** The parts of a digest that fits the grammar, whatever its algorithm; undefined for anything else. */
export function parseDigest(text: string): ParsedDigest | undefined {
  const match = text.length > MAX_LENGTH ? null : GRAMMAR.exec(text);
  return match === null ? undefined : { algorithm: match[1] as string, encoded: match[2] as string };
}

/** Whether a text is a digest that can be verified: SHA-256 or SHA-512, in lower-case hex of the right length. */
export function isDigest(text: string): boolean {
  return problemWith(text) === undefined;
}

/**
 * The parts of a digest that can be verified.
 *
 * @throws InvalidDigestError
 */
export function requireDigest(text: string): { algorithm: DigestAlgorithm; encoded: string } {
  const problem = problemWith(text);
  if (problem !== undefined) throw new InvalidDigestError(text, problem);
  const { algorithm, encoded } = parseDigest(text) as ParsedDigest;
  return { algorithm: algorithm as DigestAlgorithm, encoded };
}

function problemWith(text: string): string | undefined {
  const parsed = parseDigest(text);
  if (parsed === undefined) return "invalid checksum digest format";
  if (!isVerifiable(parsed.algorithm)) return "unsupported digest algorithm";
  if (HEX[parsed.algorithm].test(parsed.encoded)) return undefined;
  const length = parsed.algorithm === "sha256" ? 64 : 128;
  return parsed.encoded.length === length
    ? "invalid checksum digest format"
    : "invalid checksum digest length";
}

function isVerifiable(algorithm: string): algorithm is DigestAlgorithm {
  return algorithm === "sha256" || algorithm === "sha512";
}
