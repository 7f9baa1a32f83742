/** Node's own `WebSocket`: the executable contains Node 24. */
export const { WebSocket } = globalThis;
