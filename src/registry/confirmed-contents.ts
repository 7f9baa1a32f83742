import type { ContentsIndex, KnownContent } from "./store/known-contents.ts";

/**
 * What a remote repository has confirmed to the holder of credentials, in memory only: the next holder must be confirmed
 * again.
 */
export class ConfirmedContents implements ContentsIndex {
  readonly #confirmed = new Map<string, KnownContent>();

  async find(...key: [name: string, folder: string, digest: string]): Promise<KnownContent | undefined> {
    return this.#confirmed.get(key.join(" "));
  }

  async add(name: string, folder: string, digest: string, mediaType: string): Promise<void> {
    this.#confirmed.set([name, folder, digest].join(" "), { mediaType, isOld: false });
  }
}
