import type { ContentsIndex, KnownContent } from "./store/known-contents.ts";

/**
 * Contents that a remote registry has served to one caller with credentials. In memory only, because each caller must prove
 * its access.
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
