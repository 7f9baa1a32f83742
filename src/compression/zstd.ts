import { constants, createZstdDecompress } from "node:zlib";
import type { ByteReader } from "../streams/byte-reader.ts";
import { CHUNK, inflate } from "./inflate.ts";

/** What a frame may want remembered: 32 MiB, all but zstd's levels from 21. A Worker has 128 MB. */
const WINDOW_LOG_MAX = 25;

/** All frames of a zstd file (RFC 8878, 3); skippable ones are skipped. */
export async function* unzstd(input: ByteReader): AsyncGenerator<Uint8Array, void, undefined> {
  const params = { [constants.ZSTD_d_windowLogMax]: WINDOW_LOG_MAX };
  do {
    yield* inflate(createZstdDecompress({ chunkSize: CHUNK, params }), input, "zstd");
  } while (!(await input.atEnd()));
}
