import { expect, test } from "vitest";
import { contextKey, openContext, readContextPacks } from "../../src/context/store.ts";
import { encodeFramed } from "../../src/store/framed.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import { concat } from "../../src/streams/concat.ts";
import { sha256 } from "../../src/streams/sha256.ts";

test("a context of another version does not exist, and a damaged one is an error", async () => {
  const store = memoryStore();
  const digest = sha256("listing");
  const put = (bytes: Uint8Array) => store.put(contextKey(digest), bytes, bytes.length);
  await put(concat(encodeFramed("context", 1, { digest, packs: [["sha256:0", 0, []]] }, [])));
  expect(await openContext(store, digest)).toBeUndefined();
  expect(await readContextPacks(store, contextKey(digest))).toEqual([]);
  await put(new TextEncoder().encode("nothing of ours"));
  await expect(openContext(store, digest)).rejects.toThrow("the object has another format");
});
