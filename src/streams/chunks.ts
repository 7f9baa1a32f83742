/**
 * The bytes of a stream in chunks worth handling. Of a byte stream (a request body, an object of R2) a read waits
 * for `atLeast` bytes or the end; any other stream gives the chunks it has. No chunk is empty. The stream is
 * cancelled when the consumer stops early, and its lock is released in every case.
 */
export async function* chunks(
  stream: ReadableStream<Uint8Array>,
  atLeast = 65536,
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
      read: () => byob.read(new Uint8Array(atLeast), { min: atLeast }),
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

/** Undefined when the stream is not a byte stream: asking is the only way to know. */
function openByteReader(stream: ReadableStream<Uint8Array>): ByteStreamReader | undefined {
  if (stream.locked) return undefined;
  try {
    return stream.getReader({ mode: "byob" }) as unknown as ByteStreamReader;
  } catch {
    return undefined;
  }
}
