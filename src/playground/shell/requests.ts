import { signal } from "@preact/signals";

/** Incremented to show the shell. */
export const shellRequests = signal(0);
