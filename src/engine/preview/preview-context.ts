import type { BuildContext } from "../contexts.ts";

/** A context as far as it is known: file contents may be missing. */
export interface PreviewContext extends BuildContext {
  /**
   * Whether a file with this digest was uploaded for the scope of the build. Only such files may be part of a cache
   * query; otherwise a caller could find out which files others have by naming their digests.
   */
  isOwn(digest: string): boolean;
}

/** Contexts by name; the name of the main context is undefined. Missing contexts were not uploaded. */
export type PreviewContexts = ReadonlyMap<string | undefined, PreviewContext>;
