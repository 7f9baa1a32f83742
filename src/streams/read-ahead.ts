/**
 * The same chunks, read from `source` while the consumer works on earlier ones, so that a source and a consumer that both
 * wait for other threads or processes work at the same time. Reads until at least `window` bytes wait. A failure of the
 * source is thrown after the chunks before it. When the consumer stops, the source ends after the chunk that it is reading.
 */
export async function* readAhead(
  source: AsyncIterable<Uint8Array>,
  window: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const ready: Uint8Array[] = [];
  let size = 0;
  let isStopped = false;
  let isEnded = false;
  let wakeReader = () => {};
  let wakeConsumer = () => {};
  async function read(): Promise<void> {
    try {
      for await (const chunk of source) {
        if (isStopped) return;
        ready.push(chunk);
        size += chunk.length;
        wakeConsumer();
        while (size >= window && !isStopped) await new Promise<void>((wake) => (wakeReader = wake));
      }
    } finally {
      isEnded = true;
      wakeConsumer();
    }
  }
  const reading = read();
  // Its failure is thrown below, unless the consumer stops first.
  reading.catch(() => {});
  try {
    while (ready.length > 0 || !isEnded) {
      const chunk = ready.shift();
      if (chunk === undefined) {
        await new Promise<void>((wake) => (wakeConsumer = wake));
        continue;
      }
      size -= chunk.length;
      wakeReader();
      yield chunk;
    }
    await reading;
  } finally {
    isStopped = true;
    wakeReader();
  }
}
