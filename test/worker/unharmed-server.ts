import { afterEach, beforeAll, expect } from "vitest";
import { sha256 } from "../../src/streams/sha256.ts";
import { ask, build, env, storedKeys } from "./server.ts";

/** After each attack of a file, the server responds, and every stored object has its digest. */
export function expectUnharmedServer(): void {
  beforeAll(async () => {
    await build({ Dockerfile: "FROM scratch\nLABEL up=1\n" }, { t: "up" });
  });

  afterEach(async () => {
    expect((await ask("/healthz")).status).toBe(200);
    expect((await ask("/v2/up/manifests/latest")).status).toBe(200);
    for (const key of await storedKeys()) {
      const [kind, ...rest] = key.split("/");
      expect(kind).not.toMatch(/spool|upload|tmp/);
      if (kind !== "blobs" && kind !== "manifests") continue;
      const bytes = await (await env.BUCKET.get(key))?.arrayBuffer();
      expect([key, sha256(new Uint8Array(bytes ?? new ArrayBuffer(0)))]).toEqual([key, rest.join(":")]);
    }
  });
}
