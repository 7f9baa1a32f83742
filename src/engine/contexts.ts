import type { ContextSelection } from "../context/context-view.ts";
import type { EntryTable } from "../rootfs/entry-table.ts";
import { BuildError } from "./errors.ts";

/** An uploaded context, reduced to what the build reads. */
export interface BuildContext extends ContextSelection {
  /** Digest of the complete listing, under which the context is stored. */
  digest: string;
  /** Key of the copy of the scope, if it has its own: see `ContextScope.saveContext`. */
  copy?: string | undefined;
  /** The selected entries. */
  tree: EntryTable;
}

/** Contexts of a build by name; the name of the main context is undefined. */
export type BuildContexts = ReadonlyMap<string | undefined, BuildContext>;

/** @throws {BuildError} `context-unknown` */
export function contextOf(contexts: BuildContexts, name: string | undefined): BuildContext {
  const context = contexts.get(name);
  if (context !== undefined) return context;
  throw new BuildError("context-unknown", `Cannot read the context "${name ?? ""}": it was not uploaded`);
}
