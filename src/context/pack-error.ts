/** Bytes are not a valid pack, or do not have the contents that its header declares. */
export class PackError extends Error {
  override name = "PackError";

  /** @param digest of the pack, or of the file whose packs do not fit together */
  constructor(digest: string, reason: string, options?: ErrorOptions) {
    super(`Cannot accept the pack ${digest}: ${reason}`, options);
  }
}
