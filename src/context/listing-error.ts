/** A listing that cannot be that of a context, and at which entry. */
export class ListingError extends Error {
  override name = "ListingError";
  readonly code = "listing-invalid";
  /** Path of the entry, or its line as it came. */
  readonly entry: string | undefined;

  constructor(entry: string | undefined, reason: string, options?: ErrorOptions) {
    super(
      `Cannot accept the listing: ${entry === undefined ? "" : `entry ${quote(entry)}: `}${reason}`,
      options,
    );
    this.entry = entry;
  }
}

/** Names of strangers are long and full of control characters; messages are not. */
function quote(name: string): string {
  return JSON.stringify(name.length > 300 ? `${name.slice(0, 300)}…` : name);
}
