import { describe, expect, it } from "vitest";
import { chunks } from "../../src/streams/chunks.ts";
import { collect } from "../../src/streams/collect.ts";
import { readable } from "../../src/streams/readable.ts";
import { cut, noise, Source } from "./source.ts";

/** A byte stream that gives 1000 bytes at a time, as sockets do. */
function dribble(bytes: Uint8Array, onCancel = () => {}): ReadableStream<Uint8Array> {
  const pieces = cut(bytes, 1000);
  return new ReadableStream({
    type: "bytes",
    pull(controller) {
      const { value, done } = pieces.next();
      if (!done) controller.enqueue(value.slice());
      else {
        controller.close();
        controller.byobRequest?.respond(0);
      }
    },
    cancel: onCancel,
  });
}

describe("chunks", () => {
  it("gives large chunks of a byte stream in workerd, and the rest at the end", async () => {
    const bytes = noise(25_500);
    const sizes: number[] = [];
    const parts: Uint8Array[] = [];
    for await (const chunk of chunks(dribble(bytes), 10_000)) {
      sizes.push(chunk.length);
      parts.push(chunk);
    }
    const isWorkerd = navigator.userAgent === "Cloudflare-Workers";
    expect(sizes).toEqual(isWorkerd ? [10_000, 10_000, 5_500] : [...Array(25).fill(1000), 500]);
    expect(await collect(new Source(parts), 25_500)).toEqual(bytes);
  });

  it("returns all buffered bytes when one is enough", async () => {
    const sizes: number[] = [];
    for await (const chunk of chunks(dribble(noise(3000)), 1)) sizes.push(chunk.length);
    expect(sizes).toEqual([1000, 1000, 1000]);
  });

  it("returns the chunks of other streams, except empty ones", async () => {
    const given = [noise(3), new Uint8Array(0), noise(5)];
    const sizes: number[] = [];
    for await (const chunk of chunks(readable(new Source(given)))) sizes.push(chunk.length);
    expect(sizes).toEqual([3, 5]);
  });

  it("reads a response", async () => {
    const bytes = noise(300_000);
    expect(await collect(chunks(new Response(bytes).body as ReadableStream), 300_000)).toEqual(bytes);
  });

  it("cancels a stream whose consumer stops early", async () => {
    let isCancelled = false;
    const stream = dribble(noise(100_000), () => {
      isCancelled = true;
    });
    for await (const _ of chunks(stream, 1000)) break;
    expect(isCancelled).toBe(true);
    expect(stream.locked).toBe(false);
  });

  it("throws the error of the stream", async () => {
    const stream = new ReadableStream({
      pull() {
        throw new Error("connection lost");
      },
    });
    await expect(collect(chunks(stream), 1)).rejects.toThrow("connection lost");
    expect(stream.locked).toBe(false);
  });
});
