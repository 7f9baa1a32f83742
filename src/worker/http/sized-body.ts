/**
 * A body of known length, because the runtime sends a Content-Length only for such streams. Reads `source` with back pressure,
 * and stops when the client disconnects.
 */
export function sizedBody(source: AsyncIterable<Uint8Array>, size: number): ReadableStream<Uint8Array> {
  const { readable, writable } = new FixedLengthStream(size);
  const writer = writable.getWriter();
  const pump = async () => {
    for await (const chunk of source) await writer.write(chunk);
    await writer.close();
  };
  // The early end of the stream reports the error to the client.
  pump().catch((error) => writer.abort(error).catch(() => {}));
  return readable;
}
