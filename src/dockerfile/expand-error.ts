/** A word cannot be expanded: an open quote, an invalid `${…}`, or a `${name:?message}` that applies. */
export class ExpandError extends Error {
  override name = "ExpandError";
}
