/**
 * The bytes of a stream in chunks worth handling. In workerd a read of a byte stream (a request body, an object of
 * R2) waits for `atLeast` bytes or the end; elsewhere, and of any other stream, chunks come as they are. No chunk
 * is empty. The stream is cancelled when the consumer stops early, and its lock is released in every case.
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
    // Does nothing after the end, and a stream that failed has already said so.
    await reader.cancel().catch(() => {});
    reader.release();
  }
}

/** Bytes that are taken when they are there, though fewer would do. */
const ROOM = 65536;

interface Reader {
  read(): Promise<{ value?: Uint8Array | undefined; done: boolean }>;
  cancel(): Promise<void>;
  release(): void;
}

/** `min` is part of the Streams standard; the types of the runtime do not know it yet. */
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
 * Undefined when the stream is not a byte stream: asking is the only way to know. Only workerd gives small chunks
 * otherwise, and Node's `min` fails when a response ends below it.
 */
function openByteReader(stream: ReadableStream<Uint8Array>): ByteStreamReader | undefined {
  if (stream.locked || !isWorkerd()) return undefined;
  try {
    return stream.getReader({ mode: "byob" }) as unknown as ByteStreamReader;
  } catch {
    return undefined;
  }
}

function isWorkerd(): boolean {
  return typeof navigator !== "undefined" && navigator.userAgent === "Cloudflare-Workers";
}
