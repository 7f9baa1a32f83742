import type { CreatedContainer, FromTerminal, ToTerminal } from "../../schemas/containers.ts";

/** Receives events of a terminal. */
interface TerminalEvents {
  message(message: ToTerminal): void;
  /** @param code of RFC 6455, section 7.4 */
  closed(code: number): void;
}

/** UTF-16 code units of a message with input. */
const PIECE = 16 * 1024;

/** The client's end of a container's terminal. */
export class ContainerTerminal {
  readonly #socket: WebSocket;
  /** Input that waits until the container has read what was sent. */
  #input = "";
  /** Characters that were sent and that the container has not read. */
  #unread = 0;

  readonly #maxUnread: number;

  /** @param server for example `https://varve.example` */
  constructor(
    server: string,
    { id, token, limits }: Pick<CreatedContainer, "id" | "token" | "limits">,
    events: TerminalEvents,
  ) {
    this.#maxUnread = limits.input;
    const url = new URL(`/v1/containers/${encodeURIComponent(id)}`, server);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    this.#socket = new WebSocket(url.href, ["varve.terminal", `token.${token}`]);
    this.#socket.addEventListener("open", () => this.#sendInput());
    this.#socket.addEventListener("message", ({ data }) => {
      const message = JSON.parse(String(data)) as ToTerminal;
      if (message.type !== "typed") return events.message(message);
      this.#unread -= message.characters;
      this.#sendInput();
    });
    this.#socket.addEventListener("close", ({ code }) => events.closed(code));
  }

  /** Sends input as fast as the container reads it. */
  type(text: string): void {
    this.#input += text;
    this.#sendInput();
  }

  #sendInput(): void {
    while (this.#isOpen && this.#input !== "" && this.#unread + PIECE <= this.#maxUnread) {
      const text = firstPiece(this.#input);
      this.#input = this.#input.slice(text.length);
      this.#unread += text.length;
      this.#send({ type: "input", text });
    }
  }

  send(message: Exclude<FromTerminal, { type: "input" }>): void {
    this.#send(message);
  }

  #send(message: FromTerminal): void {
    if (this.#isOpen) this.#socket.send(JSON.stringify(message));
  }

  get #isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Closes the connection, which ends the container. */
  close(): void {
    this.#socket.close();
  }
}

/** Does not separate the two code units of a character. */
function firstPiece(text: string): string {
  const isSeparated = text.length > PIECE && /[\ud800-\udbff]/.test(text.charAt(PIECE - 1));
  return text.slice(0, isSeparated ? PIECE - 1 : PIECE);
}
