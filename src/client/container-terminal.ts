import type { CreatedContainer, FromTerminal, ToTerminal } from "../../schemas/containers.ts";

/** Receives what happens to a terminal. */
export interface TerminalEvents {
  message(message: ToTerminal): void;
  /** The connection has ended. */
  closed(): void;
}

/** The client's end of the terminal of a container that the server has made. */
export class ContainerTerminal {
  readonly #socket: WebSocket;

  /** @param server as `https://varve.example` */
  constructor(server: string, { id, token }: Pick<CreatedContainer, "id" | "token">, events: TerminalEvents) {
    const url = new URL(`/v1/containers/${encodeURIComponent(id)}`, server);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    this.#socket = new WebSocket(url.href, ["varve.terminal", `token.${token}`]);
    this.#socket.addEventListener("message", ({ data }) => {
      events.message(JSON.parse(String(data)) as ToTerminal);
    });
    this.#socket.addEventListener("close", () => events.closed());
  }

  send(message: FromTerminal): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  /** Ends the container, when it still runs. */
  close(): void {
    this.#socket.close();
  }
}
