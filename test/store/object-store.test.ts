import { memoryStore } from "../../src/store/memory-store.ts";
import { r2Store } from "../../src/store/r2-store.ts";
import { bindings } from "../helpers/bindings.ts";
import { objectStoreSuite } from "./object-store.suite.ts";

objectStoreSuite("in memory", async () => memoryStore());

const env = await bindings();
if (env !== undefined) {
  objectStoreSuite("in R2", async () => {
    const store = r2Store(env.BUCKET);
    const keys: string[] = [];
    for await (const { key } of store.list("")) keys.push(key);
    await store.delete(...keys);
    return store;
  });
}
