import { WebSocket } from "ws";

/** The WebSocket of `ws` with the behaviour of the standard: an error without a listener does not end the process. */
export class WebSocketOfWs extends WebSocket {
  constructor(url: string | URL, protocols: string | string[] = []) {
    super(String(url), protocols, { perMessageDeflate: false });
    this.addEventListener("error", () => {});
  }
}
