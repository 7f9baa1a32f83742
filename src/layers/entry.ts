import type { Node } from "../rootfs/tree.ts";

/** One entry of a layer to be written. */
export interface LayerEntry {
  /** Of a file, `size` and `digest` must be those of its contents: the writer checks both. */
  node: Node;
  /** Contents of a file. Without it, those that the node carries. */
  read?: () => Uint8Array | AsyncIterable<Uint8Array>;
  /**
   * The contents do not depend on the time, and nothing else depends on it: an entry of a build context, one that the step
   * made, or a directory that leads to another entry. Another time makes no other layer.
   */
  hasFreeTime?: true;
}
