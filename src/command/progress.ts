import type { BuildEvent } from "../../schemas/events.ts";

/** Shows the progress of a build. */
export interface Progress {
  /** Shows an event of the server, or of the client itself: see `ClientStep`. */
  show(event: BuildEvent): void;
  /** Prints what is held back, and then a text. */
  end(text?: string): void;
}
