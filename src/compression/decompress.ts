import { ByteReader } from "../streams/byte-reader.ts";
import { unbzip2 } from "./bzip2.ts";
import { type Compression, DETECT_BYTES, detect } from "./detect.ts";
import { CompressionError } from "./error.ts";
import { gunzip } from "./gzip.ts";
import { unxz } from "./xz.ts";
import { unzstd } from "./zstd.ts";

/** Bounds of what comes out. */
export interface DecompressOptions {
  /** Bytes. Default 16 GiB. */
  maxBytes?: number;
  /** Bytes out per byte in, looked at from 1 MiB on. Default: any; zeros shrink by 1000 with gzip, by more with the
   * others. */
  maxRatio?: number;
}

/** The data, and what they were compressed with. */
export interface Decompressed {
  kind: Compression;
  /** Can be read once. Stopping early ends the source. */
  body: AsyncIterable<Uint8Array>;
}

type Format = Exclude<Compression, "none">;

const DECODERS: Readonly<Record<Format, (input: ByteReader) => AsyncIterable<Uint8Array>>> = {
  gzip: gunzip,
  zstd: unzstd,
  bzip2: unbzip2,
  xz: unxz,
};

/** A ratio means nothing for less than this. */
const RATIO_FROM = 2 ** 20;

/**
 * Decompresses whatever `source` is compressed with, told by its first bytes; what is not compressed passes as it
 * is. The body throws `CompressionError`.
 */
export async function decompress(
  source: AsyncIterable<Uint8Array>,
  options: DecompressOptions = {},
): Promise<Decompressed> {
  const input = new ByteReader(source);
  const kind = detect(await input.peek(DETECT_BYTES));
  return { kind, body: kind === "none" ? untouched(input) : bounded(kind, input, options) };
}

async function* untouched(input: ByteReader): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* input.stream();
  } finally {
    await input.close();
  }
}

async function* bounded(
  kind: Format,
  input: ByteReader,
  { maxBytes = 16 * 2 ** 30, maxRatio = Number.POSITIVE_INFINITY }: DecompressOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  let size = 0;
  try {
    for await (const chunk of DECODERS[kind](input)) {
      size += chunk.length;
      if (size > maxBytes) throw new CompressionError("too-large", kind, `more than ${maxBytes} bytes`);
      if (size > RATIO_FROM && size > input.offset * maxRatio) {
        throw new CompressionError(
          "too-large",
          kind,
          `${input.offset} bytes became more than ${maxRatio} times as many`,
        );
      }
      yield chunk;
    }
  } finally {
    await input.close();
  }
}
