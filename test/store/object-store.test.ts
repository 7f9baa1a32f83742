import { memoryStore } from "../../src/store/memory-store.ts";
import type { ObjectStore } from "../../src/store/object-store.ts";
import { r2Store } from "../../src/store/r2-store.ts";
import { remoteStore } from "../../src/store/remote-store.ts";
import { bindings } from "../helpers/bindings.ts";
import { folderOf } from "../helpers/folder-of.ts";
import { composeSuite, objectStoreSuite, receiveSuite } from "./object-store.suite.ts";
import { refusalsSuite } from "./refusals.suite.ts";

objectStoreSuite("in memory", async () => memoryStore());
composeSuite("in memory", async () => memoryStore());

const env = await bindings();
if (env !== undefined) {
  objectStoreSuite("in R2", () => emptyPartOf(r2Store(env.BUCKET)));
  composeSuite("in R2", () => emptyPartOf(r2Store(env.BUCKET)));
  const open = () => emptyPartOf(remoteStore(env.OBJECTS, env.FILES));
  objectStoreSuite("kept by a program next to the runtime", open);
  composeSuite("kept by a program next to the runtime", open);
  receiveSuite("kept by a program next to the runtime", open);
  refusalsSuite(env);
}

async function emptyPartOf(store: ObjectStore): Promise<ObjectStore> {
  return folderOf(store, `${crypto.randomUUID()}/`);
}
