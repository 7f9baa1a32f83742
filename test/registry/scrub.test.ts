import { describe, expect, test } from "vitest";
import type { ScrubReport } from "../../schemas/scrub.ts";
import { blobKey, manifestKey } from "../../src/oci/content-key.ts";
import { scrub } from "../../src/registry/store/scrub.ts";
import { emptyStores, RegistryClient } from "./registry-client.ts";
import { content, type TestContent, testImage } from "./test-image.ts";

const image = testImage(["one", "two", "three"]);
const [config, one, two] = image.blobs as [TestContent, TestContent, TestContent];
const about = content(
  JSON.stringify({ ...JSON.parse(new TextDecoder().decode(image.bytes)), subject: image.descriptor }),
  image.descriptor.mediaType,
);

describe.each(await emptyStores())("scrub() of %s", (_, store) => {
  const client = new RegistryClient(store);

  const all = async (bounds: { maxBytes: number; maxObjects: number }) => {
    const steps: ScrubReport[] = [];
    for (let after: string | undefined = ""; after !== undefined; after = steps.at(-1)?.next) {
      steps.push(await scrub(store, { ...bounds, after }));
    }
    return steps;
  };
  const faults = async () => (await all({ maxBytes: 1e9, maxObjects: 1000 })).flatMap((step) => step.faults);

  test("of an empty store, and of intact objects", async () => {
    expect(await faults()).toEqual([]);
    await client.push("scrubbed/app", image, "v1", "v2");
    await client.push("scrubbed/app", { ...image, ...about });
    expect(await faults()).toEqual([]);
  });

  test("reads every object once, in steps of any size", async () => {
    const [whole] = await all({ maxBytes: 1e9, maxObjects: 1000 });
    // 4 blobs, 2 manifests, and of the repository 4 blobs, 2 manifests, 2 tags, 1 referrer.
    expect(whole).toMatchObject({ objects: 15, faults: [] });
    for (const [maxBytes, maxObjects] of [
      [1e9, 1],
      [1e9, 4],
      [1, 1000],
      [100, 1000],
    ] as const) {
      const steps = await all({ maxBytes, maxObjects });
      expect(steps.length).toBeGreaterThan(2);
      expect(steps.reduce((sum, { objects }) => sum + objects, 0)).toBe(15);
      expect(steps.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(whole?.bytes);
    }
  });

  test("finds changed, truncated and missing objects", async () => {
    const put = (key: string, bytes: Uint8Array) => store.put(key, bytes, bytes.length);
    const changed = one.bytes.slice();
    changed[0] = (changed[0] ?? 0) ^ 1;
    await put(blobKey(one.descriptor.digest), changed);
    await put(blobKey(two.descriptor.digest), two.bytes.subarray(1));
    await put("blobs/sha256/nonsense", changed);
    await store.delete(blobKey(config.descriptor.digest), manifestKey(about.descriptor.digest));
    await store.delete(`repos/scrubbed/app/_manifests/${image.descriptor.digest}`);
    const found = await faults();
    const problemAt = (key: string) => found.find((fault) => fault.key === key)?.problem;
    const folder = "repos/scrubbed/app";
    expect(problemAt(blobKey(one.descriptor.digest))).toMatch(/^its bytes have digest sha256:/);
    expect(problemAt(blobKey(two.descriptor.digest))).toMatch(/^its bytes have digest sha256:/);
    expect(problemAt("blobs/sha256/nonsense")).toBe("its name is not a digest");
    expect(problemAt(`${folder}/_blobs/${config.descriptor.digest}`)).toBe("the content is missing");
    expect(problemAt(`${folder}/_blobs/${two.descriptor.digest}`)).toBe("the content has 2 bytes, not 3");
    expect(problemAt(`${folder}/_manifests/${about.descriptor.digest}`)).toBe("the content is missing");
    for (const tag of ["v1", "v2"])
      expect(problemAt(`${folder}/_tags/${tag}`)).toBe("its manifest is missing");
    expect(found).toHaveLength(8);

    // Lost contents can still be removed.
    for (const path of [`blobs/${config.descriptor.digest}`, `manifests/${about.descriptor.digest}`]) {
      expect((await client.ask("DELETE", `scrubbed/app/${path}`)).status).toBe(202);
    }
    expect(await faults()).toHaveLength(6);
  });
});
