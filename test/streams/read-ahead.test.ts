import fc from "fast-check";
import { expect, test } from "vitest";
import { collect } from "../../src/streams/collect.ts";
import { readAhead } from "../../src/streams/read-ahead.ts";
import { cutBy, noise, Source, source } from "./source.ts";

/** Waits until all pending callbacks have run. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

test("returns all bytes, for chunks of all sizes and for a slow source or consumer", async () => {
  const delays = fc.array(fc.boolean(), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 600 }), { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 1600 }),
      delays,
      delays,
      async (sizes, window, sourceWaits, consumerWaits) => {
        const bytes = noise(4000);
        const slow = pause(new Source(cutBy(bytes, sizes)), sourceWaits);
        expect(await collect(pause(readAhead(slow, window), consumerWaits), bytes.length)).toEqual(bytes);
      },
    ),
    { numRuns: 50 },
  );
});

test("reads until the window is full, and continues as chunks are consumed", async () => {
  const chunks = source(noise(1000), 100);
  const ahead = readAhead(chunks, 250);
  await ahead.next();
  await settle();
  expect(chunks.pulled).toBe(4);
  await ahead.next();
  await settle();
  expect(chunks.pulled).toBe(5);
});

test("throws a failure of the source after the chunks before it", async () => {
  async function* failing() {
    yield noise(10);
    yield noise(20);
    throw new Error("no more");
  }
  const sizes: number[] = [];
  const reading = (async () => {
    for await (const chunk of readAhead(failing(), 1000)) sizes.push(chunk.length);
  })();
  await expect(reading).rejects.toThrow("no more");
  expect(sizes).toEqual([10, 20]);
});

test("ends the source when the consumer stops, with a full window and with an empty one", async () => {
  for (const window of [100, 10_000]) {
    const chunks = source(noise(1000), 100);
    for await (const _ of readAhead(chunks, window)) break;
    await settle();
    expect(chunks.isEnded).toBe(true);
  }
});

/** The same chunks, with a pause before some of them. */
async function* pause(chunks: AsyncIterable<Uint8Array>, waits: readonly boolean[]) {
  let index = 0;
  for await (const chunk of chunks) {
    if (waits[index++ % waits.length]) await settle();
    yield chunk;
  }
}
