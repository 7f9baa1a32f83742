/** What made one layer of an image, or changed its config only (image-spec, config.md, "history"). */
export interface HistoryEntry {
  /** RFC 3339. */
  created?: string;
  created_by?: string;
  author?: string;
  comment?: string;
  /** There is no layer for it. */
  empty_layer?: boolean;
}
