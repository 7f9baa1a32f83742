import { describe, expect, it } from "vitest";
import { collect } from "../../src/streams/collect.ts";
import { Digester, sha256 } from "../../src/streams/sha256.ts";
import { ContentMismatchError, SizeMismatchError, verifyChunks } from "../../src/streams/verify.ts";
import { noise, source } from "./source.ts";

const bytes = noise(1000);
const digest = sha256(bytes);

describe("verified", () => {
  it("passes matching bytes", async () => {
    expect(await collect(verifyChunks(source(bytes, 300), { digest, size: 1000 }), 1000)).toEqual(bytes);
    expect(await collect(verifyChunks(source(bytes, 300), { digest }), 1000)).toEqual(bytes);
  });

  it("verifies sha512", async () => {
    const sha512 = new Digester("sha512").update(bytes).digest();
    expect(await collect(verifyChunks(source(bytes), { digest: sha512, size: 1000 }), 1000)).toEqual(bytes);
  });

  it("reports wrong contents only at the end", async () => {
    const given: number[] = [];
    const reading = (async () => {
      for await (const chunk of verifyChunks(source(noise(1000, 2), 300), { digest, size: 1000 }))
        given.push(chunk.length);
    })();
    await expect(reading).rejects.toThrow(ContentMismatchError);
    expect(given).toEqual([300, 300, 300, 100]);
  });

  it("reports missing bytes", async () => {
    const short = verifyChunks(source(bytes.subarray(1)), { digest, size: 1000 });
    await expect(collect(short, 1000)).rejects.toThrow("1000 bytes were promised, received 999");
  });

  it("reads no further than one chunk too many", async () => {
    const endless = source(noise(100_000), 100);
    const error = await collect(verifyChunks(endless, { digest, size: 1000 }), 1e6).catch((e) => e);
    expect(error).toBeInstanceOf(SizeMismatchError);
    expect(error).toMatchObject({ name: "SizeMismatchError", expected: 1000, actual: 1100 });
    expect(endless.pulled).toBe(11);
    expect(endless.isEnded).toBe(true);
  });

  it("rejects an unknown digest algorithm", async () => {
    const reading = collect(verifyChunks(source(bytes), { digest: "md5:0" }), 1000);
    await expect(reading).rejects.toThrow("its algorithm is neither sha256 nor sha512");
  });
});
