/** A stream of bytes that are in memory. */
export async function* each(parts: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* parts;
}
