import { constants, createGunzip, createZstdDecompress, type Gunzip, type ZstdDecompress } from "node:zlib";
import type { ByteReader } from "../streams/byte-reader.ts";
import { CompressionError } from "./error.ts";

/** Bytes of an output chunk. */
const CHUNK = 256 * 1024;
/** Bytes given to zlib at a time. */
const INPUT = 64 * 1024;

/** What a frame may want remembered: 32 MiB, all but zstd's levels from 21. A Worker has 128 MB. */
const WINDOW_LOG_MAX = 25;

/** All members of a gzip file (RFC 1952, 2.2). Nothing may follow them, padding neither, as in Go's reader. */
export async function* gunzip(input: ByteReader): AsyncGenerator<Uint8Array, void, undefined> {
  const open = () => createGunzip({ chunkSize: CHUNK });
  // zlib goes on to the next member by itself, so what it leaves over is not one.
  const { left } = yield* inflate(open, input, await input.some(INPUT), "gzip");
  if (left !== undefined)
    throw new CompressionError("trailing-garbage", "gzip", "something follows the last member");
}

/** All frames of a zstd file (RFC 8878, 3); skippable ones are skipped. */
export async function* unzstd(input: ByteReader): AsyncGenerator<Uint8Array, void, undefined> {
  const params = { [constants.ZSTD_d_windowLogMax]: WINDOW_LOG_MAX };
  const open = () => createZstdDecompress({ chunkSize: CHUNK, params });
  let first = await input.some(INPUT);
  while (first !== undefined) first = (yield* inflate(open, input, first, "zstd")).left;
}

type ZlibStream = Gunzip | ZstdDecompress;

/**
 * Runs one zlib stream until it has come to its end, and gives back what it did not want. The input is read only
 * while output is waited for, so that nobody has to wait for a stalled source in order to stop.
 */
async function* inflate(
  open: () => ZlibStream,
  input: ByteReader,
  first: Uint8Array | undefined,
  format: string,
): AsyncGenerator<Uint8Array, { left: Uint8Array | undefined }, undefined> {
  const inflater = new Inflater(open(), format);
  let chunk = first;
  try {
    for (;;) {
      inflater.write(chunk);
      for (;;) {
        const output = await inflater.read();
        if (output === undefined) break;
        yield output;
      }
      if (inflater.isEnded)
        return { left: inflater.unread > 0 ? chunk?.subarray(-inflater.unread) : undefined };
      chunk = await input.some(INPUT);
    }
  } finally {
    inflater.close();
  }
}

/** A zlib stream as a thing that takes a chunk and gives what comes of it. */
class Inflater {
  isEnded = false;
  readonly #stream: ZlibStream;
  readonly #format: string;
  readonly #output: Uint8Array[] = [];
  #error: unknown;
  #isBusy = false;
  #given = 0;
  #wake: () => void = () => {};

  constructor(stream: ZlibStream, format: string) {
    this.#stream = stream;
    this.#format = format;
    stream.on("data", (bytes: Uint8Array) => {
      // As a plain array: the `slice` of a Buffer copies nothing.
      this.#output.push(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length));
      stream.pause();
      this.#wake();
    });
    stream.on("end", () => {
      this.isEnded = true;
      this.#wake();
    });
    stream.on("error", (error: unknown) => {
      this.#error = error;
      this.#wake();
    });
  }

  /** Gives it the next chunk, or says that there is none. */
  write(chunk: Uint8Array | undefined): void {
    this.#isBusy = true;
    if (chunk === undefined) {
      this.#stream.end();
      return;
    }
    this.#given += chunk.length;
    this.#stream.write(chunk, () => {
      // When it left something over, it has seen its end and is about to say so.
      if (this.unread > 0) return;
      this.#isBusy = false;
      this.#wake();
    });
  }

  /** The next output, undefined when it wants more input or has ended. */
  async read(): Promise<Uint8Array | undefined> {
    for (;;) {
      const output = this.#output.shift();
      if (output !== undefined) return output;
      if (this.#error !== undefined) throw this.#translate(this.#error);
      if (this.isEnded || !this.#isBusy) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        this.#stream.resume();
      });
    }
  }

  /** Bytes at the end of the last chunk that came after its end. */
  get unread(): number {
    return this.#given - this.#stream.bytesWritten;
  }

  close(): void {
    this.#stream.destroy();
  }

  #translate(cause: unknown): CompressionError {
    const reason = cause instanceof Error ? cause.message : String(cause);
    if (/unexpected end of file/i.test(reason)) {
      return new CompressionError("truncated", this.#format, "unexpected EOF", { cause });
    }
    const isTooMuch = /too much memory/i.test(reason);
    return new CompressionError(isTooMuch ? "unsupported" : "corrupt", this.#format, reason, { cause });
  }
}
