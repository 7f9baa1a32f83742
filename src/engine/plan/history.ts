import type { HistoryEntry } from "../../oci/history.ts";
import { limits } from "./limits.ts";
import { PlanFault } from "./plan-error.ts";

/** The program that wrote an entry; scanners recognise BuildKit's history by it. */
const comment = "buildkit.dockerfile.v0";

/** The history of an image, oldest entry first. Entries without `created` belong to this build. */
export class History {
  readonly entries: HistoryEntry[];
  #size = 0;

  constructor(entries: readonly HistoryEntry[] = []) {
    this.entries = [...entries];
  }

  /**
   * The history of a base, corrected to its number of layers. Some bases have fewer or more entries, which would assign the
   * layers of the build to the wrong ones.
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

  /** Adds an instruction that changes no files. */
  addMetadata(createdBy: string): void {
    this.#add({ created_by: createdBy, comment, empty_layer: true });
  }

  /** Adds an instruction that makes a layer. */
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
