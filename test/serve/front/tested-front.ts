import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach } from "vitest";
import { createFront, type Front, type FrontBounds } from "../../../src/serve/front/front.ts";
import { HeldBodies } from "../../../src/serve/front/held-bodies.ts";
import { suiteFolder } from "../../helpers/suite-folder.ts";

/** A front with a Worker behind it, which a test replaces by `answer`. Both are new for each test of a file. */
export class TestedFront {
  /** Socket of the Worker, and files. */
  readonly folder = suiteFolder();
  worker!: Server;
  front!: Front;
  bodies!: HeldBodies;
  url = "";
  /** Answers requests in place of the Worker. */
  answer: (request: IncomingMessage, response: ServerResponse) => void = (_, response) => response.end();

  constructor() {
    beforeEach(async () => {
      this.bodies = new HeldBodies();
      this.worker = createServer((request, response) => this.answer(request, response));
      this.worker.listen(join(this.folder, "worker"));
      await once(this.worker, "listening");
      await this.start();
    });
    afterEach(() => {
      this.front.close();
      this.worker.close();
      this.worker.closeAllConnections();
    });
  }

  /** Starts the front, in place of one that runs. */
  async start(bounds?: FrontBounds): Promise<void> {
    this.front?.close();
    const { bodies, folder } = this;
    this.front = createFront(
      { socket: join(folder, "worker"), secret: "s3cret", bodies, files: folder },
      bounds,
    );
    this.front.server.listen(0, "127.0.0.1");
    await once(this.front.server, "listening");
    this.url = `http://127.0.0.1:${(this.front.server.address() as AddressInfo).port}`;
  }

  /** The body of a request at the Worker: its own, or the one that the front holds. */
  bodyOf(request: IncomingMessage): IncomingMessage {
    const id = request.headers["varve-front-body"];
    const held = typeof id === "string" ? this.bodies.take(id) : undefined;
    return held ?? request;
  }

  open(): Socket {
    return connect(Number(new URL(this.url).port), "127.0.0.1").on("error", () => {});
  }

  /** Sends raw text and returns the complete answer. */
  async raw(text: string): Promise<string> {
    const socket = connect(Number(new URL(this.url).port), "127.0.0.1");
    socket.write(text);
    return String(await buffer(socket));
  }
}
