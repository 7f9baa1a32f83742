import { constants, createZstdDecompress } from "node:zlib";
import type { ByteReader } from "../streams/byte-reader.ts";
import { spend } from "../streams/turns.ts";
import { CompressionError } from "./error.ts";
import { CHUNK, INPUT, Inflater } from "./inflate.ts";
import { FrameScanner, MAGIC_SIZE, readMagic } from "./zstd-frame.ts";

/** Largest supported window: 32 MiB, which covers zstd's levels up to 20. A Worker has 128 MB. */
const MAX_WINDOW_LOG = 25;
/** Cost of a frame besides its bytes: one may have 9 bytes. */
const FRAME = 8192;

/**
 * Decompresses all frames of a zstd file (RFC 8878, 3), skipping skippable ones. One decoder reads them all, because
 * creating it takes longer than decoding a small frame. It never receives bytes beyond the end of a frame, where it
 * would stop.
 */
export async function* unzstd(input: ByteReader): AsyncGenerator<Uint8Array, void, undefined> {
  const params = { [constants.ZSTD_d_windowLogMax]: MAX_WINDOW_LOG };
  const inflater = new Inflater(createZstdDecompress({ chunkSize: CHUNK, params }), "zstd");
  try {
    let garbage: CompressionError | undefined;
    for (let isFirst = true; isFirst || !(await input.atEnd()); isFirst = false) {
      const turn = spend(FRAME);
      if (turn !== undefined) await turn;
      const magic = readMagic(await input.peek(MAGIC_SIZE));
      if (magic === undefined) {
        garbage = await noFrame(input, isFirst);
        break;
      }
      if (magic.kind === "skippable") await skip(input, MAGIC_SIZE + magic.size);
      else yield* readFrame(input, inflater);
    }
    // workerd's decoder buffers some of its output until then.
    inflater.write(undefined);
    yield* outputOf(inflater);
    if (garbage !== undefined) throw garbage;
  } finally {
    inflater.close();
  }
}

/** The error for anything other than the beginning of a frame. */
async function noFrame(input: ByteReader, isFirst: boolean): Promise<CompressionError> {
  if ((await input.peek(4)).length < 4) return truncatedError();
  return isFirst
    ? new CompressionError("corrupt", "zstd", "not a zstd file")
    : new CompressionError("trailing-garbage", "zstd", "something follows the last frame");
}

/** Decodes one frame, including its magic number. */
async function* readFrame(
  input: ByteReader,
  inflater: Inflater,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (const scanner = new FrameScanner(); !scanner.isEnded; ) {
    const chunk = await input.some(INPUT);
    if (chunk === undefined) throw truncatedError();
    const used = scanner.scan(chunk);
    input.unread(chunk.subarray(used));
    inflater.write(chunk.subarray(0, used));
    yield* outputOf(inflater);
  }
}

/** The output of the last write. */
async function* outputOf(inflater: Inflater): AsyncGenerator<Uint8Array, void, undefined> {
  for (let output = await inflater.read(); output !== undefined; output = await inflater.read()) yield output;
}

async function skip(input: ByteReader, size: number): Promise<void> {
  if ((await input.skip(size)) < size) throw truncatedError();
}

function truncatedError(): CompressionError {
  return new CompressionError("truncated", "zstd", "unexpected EOF");
}
