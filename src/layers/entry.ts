import type { Node } from "../rootfs/tree.ts";

/** An entry of a layer to be written. */
export interface LayerEntry {
  /** For a file, `size` and `digest` must match its contents: the writer checks both. */
  node: Node;
  /** Contents of a file; by default those of the node. */
  read?: () => Uint8Array | AsyncIterable<Uint8Array>;
  /**
   * Whether only the timestamp of the entry depends on the time: an entry of a build context, one created by the step,
   * or a directory that leads to another entry. Layers that differ only in free times count as equal.
   */
  hasFreeTime?: true;
}
