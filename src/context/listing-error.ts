import { quoteName } from "../tar/error.ts";

/** A listing is not valid for a context; names the entry at fault. */
export class ListingError extends Error {
  override name = "ListingError";

  /** @param entry its path, or its line as received */
  constructor(entry: string | undefined, reason: string, options?: ErrorOptions) {
    super(
      `Cannot accept the listing: ${entry === undefined ? "" : `entry ${quoteName(entry)}: `}${reason}`,
      options,
    );
  }
}
