import type { Gunzip, InflateRaw, ZstdDecompress } from "node:zlib";
import type { ByteReader } from "../streams/byte-reader.ts";
import { spend } from "../streams/turns.ts";
import { CompressionError, type CompressionErrorCode } from "./error.ts";

/** Bytes of an output chunk: what to open zlib streams with. */
export const CHUNK = 256 * 1024;
/** Bytes given to zlib at a time. */
export const INPUT = 64 * 1024;

type ZlibStream = Gunzip | InflateRaw | ZstdDecompress;

/**
 * Runs one zlib stream until it has come to its end; what it did not want goes back to the input. The input is read
 * only while output is waited for, so that nobody has to wait for a stalled source in order to stop.
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

/** A zlib stream as a thing that takes a chunk and gives what comes of it. */
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
    return new CompressionError(codeOf(reason), this.#format, reason, { cause });
  }
}

function codeOf(reason: string): CompressionErrorCode {
  if (/too much memory/i.test(reason)) return "unsupported";
  // The first frame was told by its magic number, so this is a later one.
  return /unknown frame descriptor/i.test(reason) ? "trailing-garbage" : "corrupt";
}
