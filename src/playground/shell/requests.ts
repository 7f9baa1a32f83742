import { signal } from "@preact/signals";

/** Counts requests to show the shell. */
export const shellRequests = signal(0);
