import type { DigestAlgorithm } from "../streams/sha256.ts";

/** A parsed digest of the image specification. */
interface ParsedDigest {
  /** Any name that fits the grammar; only the algorithms of `DigestAlgorithm` can be verified. */
  algorithm: string;
  encoded: string;
}

// image-spec, descriptor.md, "Digests".
const GRAMMAR = /^([a-z0-9]+(?:[+._-][a-z0-9]+)*):([a-zA-Z0-9=_-]+)$/;

const HEX: Record<DigestAlgorithm, RegExp> = { sha256: /^[0-9a-f]{64}$/, sha512: /^[0-9a-f]{128}$/ };

/** Longest accepted digest. */
const MAX_LENGTH = 1024;

/** Parses a digest of any algorithm; undefined when it does not fit the grammar. */
export function parseDigest(text: string): ParsedDigest | undefined {
  const match = text.length > MAX_LENGTH ? null : GRAMMAR.exec(text);
  return match === null ? undefined : { algorithm: match[1] as string, encoded: match[2] as string };
}

/** Whether a text is a verifiable digest: SHA-256 or SHA-512, in lower-case hex of the right length. */
export function isDigest(text: string): boolean {
  return digestProblem(text) === undefined;
}

/**
 * Parses a verifiable digest.
 * @throws {Error}
 */
export function requireDigest(text: string): { algorithm: DigestAlgorithm; encoded: string } {
  const problem = digestProblem(text);
  if (problem !== undefined)
    throw new Error(`Invalid digest ${JSON.stringify(text.slice(0, 200))}: ${problem}`);
  const { algorithm, encoded } = parseDigest(text) as ParsedDigest;
  return { algorithm: algorithm as DigestAlgorithm, encoded };
}

/** Why a text is not a verifiable digest, in Docker's words; undefined when it is one. */
export function digestProblem(text: string): string | undefined {
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
