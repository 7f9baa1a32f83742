/** A listing is not valid for a context; names the entry at fault. */
export class ListingError extends Error {
  override name = "ListingError";
  readonly code = "listing-invalid";
  /** Path of the entry, or its line as received. */
  readonly entry: string | undefined;

  constructor(entry: string | undefined, reason: string, options?: ErrorOptions) {
    super(
      `Cannot accept the listing: ${entry === undefined ? "" : `entry ${quote(entry)}: `}${reason}`,
      options,
    );
    this.entry = entry;
  }
}

/** Shortens and escapes a name: clients may send long names with control characters. */
function quote(name: string): string {
  return JSON.stringify(name.length > 300 ? `${name.slice(0, 300)}…` : name);
}
