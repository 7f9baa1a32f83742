/** A layer as manifest and config describe it. */
export interface ForeignLayer {
  /** `sha256:<hex>` of the blob. */
  digest: string;
  /** Bytes of the blob. */
  size: number;
  mediaType: string;
  /** `sha256:<hex>` of the tar. */
  diffId: string;
}
