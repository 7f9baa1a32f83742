/**
 * The machine refuses file systems, a user namespace or a network that steps need. The message has the reason and, where
 * there is one, the remedy.
 */
export class HostError extends Error {
  override name = "HostError";
}
