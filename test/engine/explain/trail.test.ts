import { expect, test } from "vitest";
import { readTrail, writeTrail } from "../../../src/engine/explain/trail.ts";
import { memoryCache } from "../../../src/store/memory-cache.ts";

test("a trail belongs to one image and one platform", async () => {
  const cache = memoryCache();
  const long = "a".repeat(250);
  const builds = [
    ["app", "linux/arm/v7"],
    ["app/linux", "arm/v7"],
    [`${long}.example//${long}b`, "linux/amd64"],
    [`${long}.example//${long}bc`, "linux/amd64"],
  ] as const;
  for (const [image, platform] of builds) {
    expect(await readTrail(cache, image, platform)).toBeUndefined();
    await writeTrail(cache, image, platform, { steps: [] });
    expect(await readTrail(cache, image, platform)).toEqual({ steps: [] });
  }
});
