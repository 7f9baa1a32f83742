import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { noise } from "../streams/source.ts";
import { Suite } from "./suite.ts";

const BLOCK = 1024 * 1024;
const BLOCKS = 1431;

const block = noise(BLOCK);
/** 1.5 GB without equal blocks. */
function* blocks(): Generator<Uint8Array> {
  for (let i = 0; i < BLOCKS; i++) {
    new DataView(block.buffer).setUint32(0, i);
    yield block;
  }
}

let bench: Suite;
beforeAll(async () => {
  bench = await Suite.start();
});
afterAll(() => bench[Symbol.asyncDispose]());

test("a layer of 1.5 GB is pushed as docker does and pulled unchanged", {
  timeout: 600_000,
}, async () => {
  const hash = createHash("sha256");
  for (const bytes of blocks()) hash.update(bytes);
  const digest = `sha256:${hash.digest("hex")}`;

  const begun = await bench.ask("large/app/blobs/uploads/", { method: "POST" });
  const location = new URL(begun.headers.get("Location") ?? "", `http://${bench.host}`);
  const source = blocks();
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const { value, done } = source.next();
      if (done) controller.close();
      else controller.enqueue(value.slice());
    },
  });
  const patched = await fetch(location, { method: "PATCH", body, duplex: "half" } as RequestInit);
  expect([patched.status, patched.headers.get("Range")]).toEqual([202, `0-${BLOCK * BLOCKS - 1}`]);
  location.searchParams.set("digest", digest);
  expect((await fetch(location, { method: "PUT" })).status).toBe(201);

  const got = await bench.ask(`large/app/blobs/${digest}`);
  expect(got.headers.get("Content-Length")).toBe(String(BLOCK * BLOCKS));
  const expected = blocks();
  let wanted = new Uint8Array();
  let size = 0;
  for await (const chunk of got.body as ReadableStream<Uint8Array>) {
    for (let rest = chunk; rest.length > 0; ) {
      if (wanted.length === 0) wanted = expected.next().value ?? wanted;
      const length = Math.min(rest.length, wanted.length);
      const isEqual = Buffer.compare(rest.subarray(0, length), wanted.subarray(0, length)) === 0;
      if (!isEqual || length === 0) throw new Error(`Other bytes came after ${size}`);
      rest = rest.subarray(length);
      wanted = wanted.subarray(length);
      size += length;
    }
  }
  expect(size).toBe(BLOCK * BLOCKS);
});
