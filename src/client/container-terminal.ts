import type { CreatedContainer, FromTerminal, ToTerminal } from "../../schemas/containers.ts";

/** Receives events of a terminal. */
export interface TerminalEvents {
  message(message: ToTerminal): void;
  /** The connection has ended. */
  closed(): void;
}

/** The client's end of a container's terminal. */
export class ContainerTerminal {
  readonly #socket: WebSocket;

  /** @param server for example `https://varve.example` */
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

  /** Closes the connection, which ends the container. */
  close(): void {
    this.#socket.close();
  }
}
