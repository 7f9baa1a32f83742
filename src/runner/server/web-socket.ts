/** The runtime's `WebSocket`. The published command replaces this file for versions of Node without one. */
export const { WebSocket } = globalThis;
