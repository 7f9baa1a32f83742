import type { BuildContext } from "../contexts.ts";

/** A context whose file contents may be missing. */
export interface PreviewContext extends BuildContext {
  /**
   * Whether the contents with this digest were uploaded for the scope of the build. Only such files may be part of a cache
   * query; otherwise a caller could guess digests to find out which files other builds have.
   */
  isUploaded(digest: string): boolean;
}

/** Uploaded contexts by name; the name of the main context is undefined. */
export type PreviewContexts = ReadonlyMap<string | undefined, PreviewContext>;
