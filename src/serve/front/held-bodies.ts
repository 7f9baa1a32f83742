import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** Bodies of requests that wait in the front until the Worker reads, stores or drops them. */
export class HeldBodies {
  readonly #bodies = new Map<string, IncomingMessage>();

  /** Holds the body of a request. Returns an id with which one reader can take it. */
  hold(request: IncomingMessage): string {
    const id = randomUUID();
    this.#bodies.set(id, request);
    return id;
  }

  /** The body, for one reader; undefined when it was taken or its request has ended. */
  take(id: string): IncomingMessage | undefined {
    const body = this.#bodies.get(id);
    this.#bodies.delete(id);
    return body;
  }

  /** Drops a body that was not read. */
  drop(id: string): void {
    this.#bodies.delete(id);
  }
}
