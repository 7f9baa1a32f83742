import type { ObjectStore } from "../store/object-store.ts";
import type { ForeignLayer } from "./foreign-layer.ts";
import type { ForeignPart } from "./foreign-workers.ts";
import { storeToc } from "./ingest.ts";
import { openTarInParts } from "./layer-tar.ts";
import { type NumberedPortion, NumberedPortions } from "./portions.ts";
import { storeShadow } from "./shadow.ts";

/** Bytes of a tar in a portion, which needs about two seconds. */
const PORTION = 128 * 1024 * 1024;

/** Makes a part of one foreign layer, in portions. */
export class ForeignReader {
  readonly #store: ObjectStore;
  readonly #bytes: number;
  readonly #portions = new NumberedPortions<undefined>();

  /** @param bytes of the tar in a portion */
  constructor(store: ObjectStore, bytes = PORTION) {
    this.#store = store;
    this.#bytes = bytes;
  }

  /** Executes a portion; the first one starts again. Stores the part in the last one. */
  advance(number: number, layer: ForeignLayer, part: ForeignPart): Promise<NumberedPortion<undefined>> {
    return this.#portions.advance(number, this.#bytes, async ({ limit }) => {
      const tar = limit(await openTarInParts(this.#store, layer.digest));
      await (part === "toc"
        ? storeToc(this.#store, layer, tar)
        : storeShadow(this.#store, layer.digest, tar));
      return undefined;
    });
  }
}
