import type { BuildEvent } from "../../schemas/events.ts";

/** Shows on stderr how far a build is. */
export interface Progress {
  /** What the server tells, and what the client does itself: see `ClientStep`. */
  show(event: BuildEvent): void;
  /** The last word is said. */
  end(): void;
  /** Problems are printed with it; whoever ends the command need not do so again. */
  readonly showsProblems: boolean;
  /** Milliseconds that should pass between two lines about the same. */
  readonly pause: number;
}
