import { expect, test } from "vitest";
import type { ScrubReport } from "../../schemas/scrub.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { ask, build, env, problemIn } from "./server.ts";

const post = async (query = "") => (await ask(`/v1/scrub${query}`, { method: "POST" })).json<ScrubReport>();

test("a scrub verifies stored objects and finds a changed layer", async () => {
  const { manifest } = await build(
    { Dockerfile: "FROM scratch\nCOPY a /a\n", a: "contents" },
    { t: "app:1" },
  );
  const right = await post();
  expect(right).toMatchObject({ faults: [] });
  expect(right.objects).toBeGreaterThan(5);
  const digest = manifest.layers[0]?.digest ?? "";
  const key = `blobs/${digest.replace(":", "/")}`;
  const size = (await env.BUCKET.head(key))?.size ?? 0;
  await env.BUCKET.put(key, new Uint8Array(size));
  const problem = `its bytes have digest ${sha256(new Uint8Array(size))}`;
  expect((await post()).faults).toEqual([{ key, problem }]);
  expect((await post(`?after=${key}`)).faults).toEqual([]);
  const refused = await ask(`/v1/scrub?after=${"x".repeat(2000)}`, { method: "POST" });
  expect(await problemIn(refused)).toMatchObject({ status: 400, code: "invalid-request" });
});
