import { memoryStore } from "../../src/store/memory-store.ts";
import type { ObjectStore } from "../../src/store/object-store.ts";
import { r2Store } from "../../src/store/r2-store.ts";
import { remoteStore } from "../../src/store/remote-store.ts";
import { bindings } from "../helpers/bindings.ts";
import { composeSuite, objectStoreSuite, receiveSuite } from "./object-store.suite.ts";
import { refusalsSuite } from "./refusals.suite.ts";

objectStoreSuite("in memory", async () => memoryStore());
composeSuite("in memory", async () => memoryStore());

const env = await bindings();
if (env !== undefined) {
  objectStoreSuite("in R2", () => emptied(r2Store(env.BUCKET)));
  const open = () => emptied(remoteStore(env.OBJECTS, env.FILES));
  objectStoreSuite("kept by a program next to the runtime", open);
  composeSuite("kept by a program next to the runtime", open);
  receiveSuite("kept by a program next to the runtime", open);
  refusalsSuite(env);
}

async function emptied(store: ObjectStore): Promise<ObjectStore> {
  const keys: string[] = [];
  for await (const { key } of store.list("")) keys.push(key);
  await store.delete(...keys);
  return store;
}
