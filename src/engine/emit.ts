import type { EventBody } from "../../schemas/events.ts";

/** Receives the events of a build. */
export type Emit = (event: EventBody) => void;
