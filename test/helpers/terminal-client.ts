import {
  type ContainerRequest,
  type CreatedContainer,
  createdContainer,
  type FromTerminal,
  type ToTerminal,
  toTerminal,
} from "../../schemas/containers.ts";
import { ContainerTerminal } from "../../src/client/container-terminal.ts";

/** Fields of a request for a container that differ from the defaults. */
export type Wanted = Partial<Omit<ContainerRequest, "mounts">> & {
  mounts?: readonly Record<string, unknown>[];
};

/** Requests a container of an image. */
export function requestContainer(
  url: string,
  image: string,
  wanted: Wanted = {},
  headers: Record<string, string> = {},
): Promise<Response> {
  const body = JSON.stringify({ workspace: "0".repeat(32), size: { rows: 24, columns: 80 }, ...wanted });
  return fetch(`${url}/v1/containers?image=${encodeURIComponent(image)}`, { method: "POST", body, headers });
}

/** A client of a container's terminal. */
export class TerminalClient {
  readonly created: CreatedContainer;
  /** All output. */
  text = "";
  readonly messages: ToTerminal[] = [];
  /** Whether to acknowledge output when it is received. */
  acknowledges = true;
  /** The mark of the last output that has one. */
  lastMark: string | undefined;
  readonly #terminal: ContainerTerminal;
  #closeCode: number | undefined;
  #news = Promise.withResolvers<void>();
  #execs = 0;

  private constructor(url: string, created: CreatedContainer) {
    this.created = created;
    this.#terminal = new ContainerTerminal(url, created, {
      message: (message) => this.#receive(toTerminal.parse(message)),
      closed: (code) => {
        this.#closeCode = code;
        this.#wake();
      },
    });
  }

  #receive(message: ToTerminal): void {
    this.messages.push(message);
    if (message.type === "output") {
      this.text += message.text;
      this.lastMark = message.mark ?? this.lastMark;
      if (this.acknowledges && message.mark !== undefined) this.send({ type: "ack", mark: message.mark });
    }
    this.#wake();
  }

  static async start(url: string, image: string, wanted: Wanted = {}): Promise<TerminalClient> {
    const answer = await requestContainer(url, image, wanted);
    if (answer.status !== 201) throw new Error(await answer.text());
    return new TerminalClient(url, createdContainer.parse(await answer.json()));
  }

  send(message: Exclude<FromTerminal, { type: "input" }>): void {
    this.#terminal.send(message);
  }

  type(text: string): void {
    this.#terminal.type(text);
  }

  /** Waits until the text matches. */
  async see(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.text);
      if (found !== null) return found;
      if (this.#closeCode !== undefined)
        throw new Error(
          `${pattern} is not in ${JSON.stringify(this.text)} ${JSON.stringify(this.messages.at(-1))}`,
        );
      await this.#news.promise;
    }
  }

  async receive<T extends ToTerminal["type"]>(type: T): Promise<Extract<ToTerminal, { type: T }>> {
    for (;;) {
      const found = this.messages.find((message) => message.type === type);
      if (found !== undefined) return found as Extract<ToTerminal, { type: T }>;
      if (this.#closeCode !== undefined)
        throw new Error(`There is no ${type}: ${JSON.stringify(this.messages.at(-1))}`);
      await this.#news.promise;
    }
  }

  /** Executes a further process. Resolves with its output and exit code. */
  async exec(command: string[]): Promise<[output: string, code: number]> {
    const exec = ++this.#execs;
    this.send({ type: "exec", exec, command });
    for (;;) {
      const own = this.messages.filter((message) => "exec" in message && message.exec === exec);
      const text = own.map((message) => (message.type === "exec-output" ? message.text : "")).join("");
      const end = own.find((message) => message.type === "exec-exit");
      if (end?.type === "exec-exit") return [text, end.code];
      if (this.#closeCode !== undefined) throw new Error("The container ended before its process");
      await this.#news.promise;
    }
  }

  /** The exit code. */
  async exit(): Promise<number> {
    return (await this.receive("exit")).code;
  }

  close(): void {
    this.#terminal.close();
  }

  #wake(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }
}

export function openTerminal(url: string, { id, token }: { id: string; token: string }): WebSocket {
  return new WebSocket(`${url.replace(/^http/, "ws")}/v1/containers/${id}`, [
    "varve.terminal",
    `token.${token}`,
  ]);
}
