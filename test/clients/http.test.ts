import { afterAll, beforeAll, expect, test } from "vitest";
import { type Manifest, Suite, sha256 } from "./suite.ts";

// Less common requests of clients: to continue a download, and to read a range of a layer.
let suite: Suite;
let manifest: Manifest;

beforeAll(async () => {
  suite = await Suite.start();
  await suite.hello({ t: "hello" });
  manifest = await suite.json<Manifest>("hello/manifests/latest");
});
afterAll(() => suite?.[Symbol.asyncDispose]());

test("a blob is uploaded in chunks", async () => {
  const { digest, size } = manifest.layers.reduce((a, b) => (a.size > b.size ? a : b));
  const pieces: Uint8Array[] = [];
  const step = Math.ceil(size / 7);
  for (let from = 0; from < size; from += step) {
    const range = `bytes=${from}-${Math.min(size, from + step) - 1}`;
    const answer = await fetch(`${suite.url}/v2/hello/blobs/${digest}`, { headers: { range } });
    expect([answer.status, answer.headers.get("content-range")]).toEqual([
      206,
      `bytes ${range.slice(6)}/${size}`,
    ]);
    pieces.push(new Uint8Array(await answer.arrayBuffer()));
  }
  expect(`sha256:${sha256(Buffer.concat(pieces))}`).toBe(digest);
});

test("an interrupted download continues", async () => {
  const { digest, size } = manifest.layers.reduce((a, b) => (a.size > b.size ? a : b));
  const abort = new AbortController();
  const begun = await fetch(`${suite.url}/v2/hello/blobs/${digest}`, { signal: abort.signal });
  const reader = begun.body?.getReader();
  const first = (await reader?.read())?.value ?? new Uint8Array();
  abort.abort();
  const rest = await suite.get(`hello/blobs/${digest}`, { range: `bytes=${first.length}-` });
  expect(first.length + rest.length).toBe(size);
  expect(`sha256:${sha256(Buffer.concat([first, rest]))}`).toBe(digest);
});
