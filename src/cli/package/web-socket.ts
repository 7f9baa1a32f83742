/** Node's `WebSocket` (Node 22 and newer), or else that of `ws`, which is loaded only then. */
export const WebSocket: typeof globalThis.WebSocket =
  globalThis.WebSocket ?? (await import("./web-socket-of-ws.ts")).WebSocketOfWs;
