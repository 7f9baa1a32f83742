/** The runtime's `WebSocket`. The published command has another one for versions of Node that lack it. */
export const { WebSocket } = globalThis;
