import type { ByteReader } from "../streams/byte-reader.ts";
import { spend } from "../streams/turns.ts";
import { Dictionary } from "./dictionary.ts";
import { CompressionError, corruptError } from "./error.ts";
import { LzmaDecoder } from "./lzma.ts";

/** Maximum output of one chunk. */
const CHUNK = 2 ** 21;

/** Cost of a decoded byte, and of a chunk. */
const EFFORT = 32;
const CHUNK_HEADER = 4096;

/** The largest supported dictionary, that of `xz -9`: a larger one does not fit into the memory of a Worker. */
const MAX_DICTIONARY = 64 * 2 ** 20;

/** Size of the dictionary by the property byte of the filter; undefined for an invalid byte. */
export function dictionarySize(property: number): number | undefined {
  if (property > 40) return undefined;
  return property === 40 ? 2 ** 32 - 1 : (2 | (property & 1)) * 2 ** ((property >>> 1) + 11);
}

/** Decodes the data of an LZMA2 filter, up to its end marker. @throws {CompressionError} */
export async function* readLzma2(
  input: ByteReader,
  dictionaryBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (dictionaryBytes > MAX_DICTIONARY) {
    throw new CompressionError("unsupported", "xz", `a dictionary of ${dictionaryBytes} bytes`);
  }
  const dictionary = new Dictionary(dictionaryBytes, CHUNK);
  const lzma = new LzmaDecoder(dictionary);
  // The first chunk must reset everything; the first compressed chunk must set the properties.
  let needs: "dictionary" | "properties" | "nothing" = "dictionary";
  for (;;) {
    const [control = 0] = await readExactly(input, 1);
    if (control === 0) return;
    const isStored = control < 0x80;
    if (isStored && control > 2) throw corruptError("xz", "chunk of no known kind");
    const resets = isStored ? 0 : (control >>> 5) & 3;
    const resetsDictionary = isStored ? control === 1 : resets === 3;
    if (resetsDictionary) {
      dictionary.reset();
      lzma.resetPosition();
      if (needs === "dictionary") needs = "properties";
    } else if (needs === "dictionary") {
      throw corruptError("xz", "first chunk without a new dictionary");
    }
    const turn = spend(CHUNK_HEADER);
    if (turn !== undefined) await turn;
    const sizes = await readExactly(input, isStored ? 2 : 4);
    const low = 1 + (sizes[0] as number) * 256 + (sizes[1] as number);
    const size = isStored ? low : low + (control & 0x1f) * 65536;
    dictionary.reserve(size);
    if (isStored) {
      dictionary.append(await readExactly(input, size));
      lzma.advance(size);
    } else {
      if (resets >= 2) {
        const [properties = 0] = await readExactly(input, 1);
        if (!lzma.setProperties(properties)) throw corruptError("xz", "properties without a meaning");
        needs = "nothing";
      } else if (needs === "properties") {
        throw corruptError("xz", "first chunk without properties");
      }
      if (resets >= 1) lzma.resetState();
      const compressedSize = 1 + (sizes[2] as number) * 256 + (sizes[3] as number);
      for (const done of lzma.decode(await readExactly(input, compressedSize), size)) {
        const turn = spend(done * EFFORT);
        if (turn !== undefined) await turn;
      }
    }
    yield dictionary.take(size);
  }
}

/** The next `n` bytes. @throws {CompressionError} (`truncated`) */
export async function readExactly(input: ByteReader, n: number): Promise<Uint8Array> {
  const bytes = input.take(n) ?? (await input.read(n));
  if (bytes.length < n) throw new CompressionError("truncated", "xz", "unexpected EOF");
  return bytes;
}
