import { ByteReader } from "../streams/byte-reader.ts";
import { unbzip2 } from "./bzip2.ts";
import { type Compression, DETECT_BYTES, detect } from "./detect.ts";
import { CompressionError } from "./error.ts";
import { gunzip } from "./gzip.ts";
import { unxz } from "./xz.ts";
import { unzstd } from "./zstd.ts";

/** Limits of the output. */
export interface DecompressOptions {
  /** Maximum number of bytes. Default 16 GiB. */
  maxBytes?: number;
  /**
   * Highest compression ratio, checked after 1 MiB. Unlimited by default; zeros compress 1000:1 with gzip, and more
   * with other formats.
   */
  maxRatio?: number;
}

/** The decompressed data, and their compression. */
interface Decompressed {
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

/** The ratio of less output is not meaningful. */
const RATIO_FROM = 2 ** 20;

/**
 * Decompresses `source`, whose compression is detected by its first bytes; passes uncompressed data on unchanged. The
 * body throws `CompressionError`.
 */
export async function decompress(
  source: AsyncIterable<Uint8Array>,
  options: DecompressOptions = {},
): Promise<Decompressed> {
  const input = new ByteReader(source);
  const kind = detect(await input.peek(DETECT_BYTES));
  return { kind, body: kind === "none" ? passThrough(input) : limitOutput(kind, input, options) };
}

async function* passThrough(input: ByteReader): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* input.stream();
  } finally {
    await input.close();
  }
}

async function* limitOutput(
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
