import { ContextBuilder } from "../../src/context/context-builder.ts";
import { saveContext } from "../../src/context/store.ts";
import type { ObjectStore } from "../../src/store/object-store.ts";
import { nodeOf } from "./tree.ts";

/** Stores files by path as a context. */
export async function contextOf(store: ObjectStore, files: Record<string, string>) {
  const builder = new ContextBuilder(store);
  for (const [path, text] of Object.entries(files)) {
    builder.add(nodeOf(path, text), await builder.store(new TextEncoder().encode(text)));
  }
  const context = await builder.finish();
  await saveContext(store, context);
  return context;
}
