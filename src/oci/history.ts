/**
 * An entry of an image's history (image-spec, config.md, "history"): one that made a layer, or changed only the config.
 */
export interface HistoryEntry {
  /** RFC 3339. */
  created?: string;
  created_by?: string;
  author?: string;
  comment?: string;
  /** Whether the entry has no layer. */
  empty_layer?: boolean;
}
