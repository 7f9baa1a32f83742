/** A word that cannot be expanded: an open quote, a bad `${…}`, a `${name:?message}` that applies. */
export class ExpandError extends Error {
  override name = "ExpandError";
  readonly code = "expand/word";
}
