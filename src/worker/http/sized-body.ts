/**
 * A body whose length is known: the runtime keeps a Content-Length only with a stream that knows it itself. Bytes are
 * asked for no faster than they are taken, and no more when nobody takes them.
 */
export function sizedBody(source: AsyncIterable<Uint8Array>, size: number): ReadableStream<Uint8Array> {
  const { readable, writable } = new FixedLengthStream(size);
  const writer = writable.getWriter();
  const pump = async () => {
    for await (const chunk of source) await writer.write(chunk);
    await writer.close();
  };
  // Whoever reads is told by the end that comes too early.
  pump().catch((error) => writer.abort(error).catch(() => {}));
  return readable;
}
