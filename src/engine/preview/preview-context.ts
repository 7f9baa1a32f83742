import type { BuildContext } from "../contexts.ts";

/** A context as far as it is known: file contents may be missing. */
export interface PreviewContext extends BuildContext {
  /**
   * Whether a file with this digest was uploaded for the scope of the build. The build cache is not queried with other
   * files, so that a caller cannot find out what others have by naming its digest.
   */
  isOwn(digest: string): boolean;
}

/** Contexts by name; the main one has no name. Those that were not given are missing. */
export type PreviewContexts = ReadonlyMap<string | undefined, PreviewContext>;
