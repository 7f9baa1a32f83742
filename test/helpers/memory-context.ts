import { ContextBuilder } from "../../src/context/context-builder.ts";
import { saveContext } from "../../src/context/store.ts";
import type { ObjectStore } from "../../src/store/object-store.ts";
import { nodeOf, type TreeEntry } from "./tree.ts";

/** Stores files by path as a context. */
export async function contextOf(store: ObjectStore, files: Record<string, TreeEntry>) {
  const builder = new ContextBuilder(store);
  for (const [path, entry] of Object.entries(files)) {
    const text = typeof entry === "string" ? entry : (entry.content ?? "");
    builder.add(nodeOf(path, entry), await builder.store(new TextEncoder().encode(text)));
  }
  const context = await builder.finish();
  await saveContext(store, context);
  return context;
}
