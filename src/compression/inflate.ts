import type { Gunzip, InflateRaw, inflateSync, ZlibOptions, ZstdDecompress } from "node:zlib";
import type { ByteReader } from "../streams/byte-reader.ts";
import { spend } from "../streams/turns.ts";
import { CompressionError, type CompressionErrorCode } from "./error.ts";

/** Bytes of an output chunk, with which zlib streams must be opened. */
export const CHUNK = 256 * 1024;
/** Bytes per write to zlib. */
export const INPUT = 64 * 1024;

type ZlibStream = Gunzip | InflateRaw | ZstdDecompress;

/**
 * Inflates the stream at the start of `input` with a synchronous function of zlib.
 * @returns the output, and the number of consumed bytes
 * @throws {Error} of zlib
 */
export function inflateStart(
  inflateNow: typeof inflateSync,
  input: Uint8Array,
  options: ZlibOptions,
): { bytes: Uint8Array; used: number } {
  // The result with the option `info` is documented but missing in Node's types.
  const result: unknown = inflateNow(input, { ...options, info: true });
  const { buffer, engine } = result as { buffer: Uint8Array; engine: { bytesWritten: number } };
  return { bytes: buffer, used: engine.bytesWritten };
}

/**
 * Runs one zlib stream to its end; returns unused bytes to the input. Reads the input only while output is awaited, so
 * that a consumer can stop while the source stalls.
 */
export async function* inflate(
  stream: ZlibStream,
  input: ByteReader,
  format: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const inflater = new Inflater(stream, format);
  try {
    while (!inflater.isEnded) {
      const chunk = await input.some(INPUT);
      inflater.write(chunk);
      for (;;) {
        const output = await inflater.read();
        if (output === undefined) break;
        yield output;
      }
      if (inflater.isEnded && chunk !== undefined)
        input.unread(chunk.subarray(chunk.length - inflater.unread));
    }
  } finally {
    inflater.close();
  }
}

/** A zlib stream that is written chunk by chunk and read. */
export class Inflater {
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
      // Copy: the `slice` of a Buffer shares its memory.
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

  /** Writes the next chunk; undefined means the end of the input. */
  write(chunk: Uint8Array | undefined): void {
    this.#isBusy = true;
    if (chunk === undefined) {
      this.#stream.end();
      return;
    }
    this.#given += chunk.length;
    this.#stream.write(chunk, () => {
      // It has unused bytes, so it has reached its end and is about to report it.
      if (this.unread > 0) return;
      this.#isBusy = false;
      this.#wake();
    });
  }

  /** The next output; undefined when it needs more input or has ended. */
  async read(): Promise<Uint8Array | undefined> {
    for (;;) {
      const output = this.#output.shift();
      if (output !== undefined) {
        const turn = spend(output.length);
        if (turn !== undefined) await turn;
        return output;
      }
      if (this.#error !== undefined) throw this.#translate(this.#error);
      if (this.isEnded || !this.#isBusy) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        this.#stream.resume();
      });
    }
  }

  /** Unused bytes at the end of the last chunk, after the end of the stream. */
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
    return new CompressionError(codeOf(reason), this.#format, reason, { cause });
  }
}

function codeOf(reason: string): CompressionErrorCode {
  if (/too much memory/i.test(reason)) return "unsupported";
  // The magic number of the first frame was checked, so this is a later one.
  return /unknown frame descriptor/i.test(reason) ? "trailing-garbage" : "corrupt";
}
