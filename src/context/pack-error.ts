/** Bytes that were said to be a pack are none, or hold other contents than they say. */
export class PackError extends Error {
  override name = "PackError";
  readonly code = "pack-invalid";
  /** Of the pack, or of the file whose packs do not make it up. */
  readonly digest: string;

  constructor(digest: string, reason: string, options?: ErrorOptions) {
    super(`Cannot accept the pack ${digest}: ${reason}`, options);
    this.digest = digest;
  }
}
