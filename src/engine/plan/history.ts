import type { HistoryEntry } from "../../oci/history.ts";
import { limits } from "./limits.ts";
import { PlanFault } from "./plan-error.ts";

/** Which program wrote an entry; scanners look for it to tell BuildKit's history. */
const comment = "buildkit.dockerfile.v0";

/** The entries of an image's history, oldest first; those without `created` are of this build. */
export class History {
  readonly entries: HistoryEntry[];
  #size = 0;

  constructor(entries: readonly HistoryEntry[] = []) {
    this.entries = [...entries];
  }

  /**
   * The history of a base. It must speak of as many layers as there are, or those of the build would be taken for
   * those of the base: bases exist that tell less than they have, and some that tell more.
   */
  static ofBase(entries: readonly HistoryEntry[], layers: number): History {
    let seen = 0;
    const counted = entries.map((entry): HistoryEntry => {
      if (entry.empty_layer || ++seen <= layers) return entry;
      return { ...entry, empty_layer: true };
    });
    const missing = Array.from({ length: Math.max(0, layers - seen) }, () => ({
      comment: "layer without history",
    }));
    return new History([...counted, ...missing]);
  }

  copy(): History {
    const copy = new History(this.entries);
    copy.#size = this.#size;
    return copy;
  }

  /** An instruction that changes no files. */
  addMetadata(createdBy: string): void {
    this.#add({ created_by: createdBy, comment, empty_layer: true });
  }

  /** An instruction that makes a layer. */
  addLayer(createdBy: string): void {
    this.#add({ created_by: createdBy, comment });
  }

  #add(entry: HistoryEntry): void {
    this.#size += entry.created_by?.length ?? 0;
    if (this.#size > limits.history || this.entries.length === limits.historyEntries) {
      throw new PlanFault("plan/too-large", "The history of the image becomes too long");
    }
    this.entries.push(entry);
  }
}
