import type { Contents } from "../rootfs/tree.ts";

/** Reads `length` bytes of a file from `offset`, without the bytes before them where the contents allow it. */
export async function* readPart(
  contents: Contents,
  offset: number,
  length: number,
): AsyncGenerator<Uint8Array> {
  const part = contents.part?.(offset, length);
  if (part !== undefined) {
    yield* part.read();
    return;
  }
  let skip = offset;
  let missing = length;
  for await (const chunk of contents.read()) {
    const wanted = chunk.subarray(skip, skip + missing);
    skip = Math.max(0, skip - chunk.length);
    missing -= wanted.length;
    if (wanted.length > 0) yield wanted;
    if (missing === 0) return;
  }
}
