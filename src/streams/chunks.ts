/**
 * The bytes of a stream in chunks of useful size. In workerd, a read of a byte stream (a request body, an object of R2)
 * waits for `atLeast` bytes or the end; otherwise chunks are passed on unchanged. Never yields an empty chunk. Cancels
 * the stream when the consumer stops early, and always releases its lock.
 */
export async function* chunks(
  stream: ReadableStream<Uint8Array>,
  atLeast = 262144,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = openReader(stream, atLeast);
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (value !== undefined && value.length > 0) yield value;
      if (done) return;
    }
  } finally {
    // No effect after the end; a failed stream has already reported its error.
    await reader.cancel().catch(() => {});
    reader.release();
  }
}

/** Size of the read buffer: most bytes that one read returns. */
const ROOM = 65536;

interface Reader {
  read(): Promise<{ value?: Uint8Array | undefined; done: boolean }>;
  cancel(): Promise<void>;
  release(): void;
}

/** `min` is part of the Streams standard but missing in the types of the runtime. */
interface ByteStreamReader {
  read(
    view: Uint8Array,
    options: { min: number },
  ): Promise<{ value?: Uint8Array | undefined; done: boolean }>;
  cancel(): Promise<void>;
  releaseLock(): void;
}

function openReader(stream: ReadableStream<Uint8Array>, atLeast: number): Reader {
  const byob = openByteReader(stream);
  if (byob !== undefined) {
    return {
      read: () => byob.read(new Uint8Array(Math.max(atLeast, ROOM)), { min: atLeast }),
      cancel: () => byob.cancel(),
      release: () => byob.releaseLock(),
    };
  }
  const reader = stream.getReader();
  return {
    read: () => reader.read(),
    cancel: () => reader.cancel(),
    release: () => reader.releaseLock(),
  };
}

/**
 * Undefined when the stream is not a byte stream, which only an attempt can show. Used only in workerd, which otherwise
 * returns small chunks; Node's `min` fails when a response ends early.
 */
function openByteReader(stream: ReadableStream<Uint8Array>): ByteStreamReader | undefined {
  if (stream.locked || !isWorkerd()) return undefined;
  try {
    return stream.getReader({ mode: "byob" }) as ByteStreamReader;
  } catch {
    return undefined;
  }
}

function isWorkerd(): boolean {
  return typeof navigator !== "undefined" && navigator.userAgent === "Cloudflare-Workers";
}
