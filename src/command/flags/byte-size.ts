import { readByteSize } from "../../dockerfile/byte-size.ts";
import { UsageError } from "../command-error.ts";

/**
 * Reads the bytes of a flag as docker does: `512m`, `1.5 GiB`, `1048576`.
 * @throws {UsageError} in docker's words
 */
export function byteSizeFlag(flag: string, text: string): number {
  const size = readByteSize(text);
  if (size !== undefined) return size;
  throw new UsageError(
    `invalid argument ${JSON.stringify(text)} for "${flag}" flag: invalid size: '${text}'`,
  );
}
