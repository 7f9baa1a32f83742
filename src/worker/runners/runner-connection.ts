import type { Entitlement } from "../../../schemas/options.ts";
import { endedCloseCode, type FromRunner, type ToRunner } from "../../../schemas/runner-messages.ts";
import { type Service, trustOf } from "./runner-trust.ts";

type Hello = Extract<FromRunner, { type: "hello" }>;

/** What is known of a connected runner; kept with its WebSocket through hibernation. */
interface Attachment {
  id: string;
  service: Service;
  /** Undefined before it has said what it can. */
  hello?: Pick<
    Hello,
    "instance" | "platforms" | "capacity" | "containers" | "labels" | "allow" | "isLasting"
  >;
  /** It stops: it finishes its jobs, and writes layers of its snapshots. */
  leaving: boolean;
}

/** RFC 6455, section 7.4.1. */
const policyViolation = 1008;

/** A runner, as it is connected. */
export class RunnerConnection {
  readonly #socket: WebSocket;
  readonly #attachment: Attachment;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    this.#attachment = (socket.deserializeAttachment() as Attachment | null) ?? {
      id: crypto.randomUUID(),
      service: { kind: "pool", scopes: [] },
      leaving: false,
    };
  }

  get id(): string {
    return this.#attachment.id;
  }

  /** For whom it works. */
  get service(): Service {
    return this.#attachment.service;
  }

  /** Says for whom it works; nobody before. */
  serve(service: Service): void {
    this.#attachment.service = service;
    this.#socket.serializeAttachment(this.#attachment);
  }

  get hello(): Attachment["hello"] {
    return this.#attachment.hello;
  }

  /** Identifies its folder of snapshots. A runner that is trusted less cannot claim the folder of another one. */
  get instance(): string {
    return `${trustOf(this.service)}${this.#attachment.hello?.instance ?? ""}`;
  }

  /** Whether later builds cannot find its snapshots: the machine of a client may end with the build. */
  get isTransient(): boolean {
    return this.service.kind === "build" && this.#attachment.hello?.isLasting !== true;
  }

  /** Processes at a time. */
  get capacity(): number {
    return this.#attachment.hello?.capacity ?? 0;
  }

  /** Containers with terminals at a time. */
  get containers(): number {
    return this.#attachment.hello?.containers ?? 0;
  }

  /** Whether it executes tasks without a process. A runner without platforms cannot execute anything. */
  get canCopy(): boolean {
    return this.canWrite && !this.#attachment.leaving && this.#attachment.hello?.platforms.length !== 0;
  }

  /** Whether it writes layers of the snapshots that it holds: also when it stops. */
  get canWrite(): boolean {
    return this.#attachment.hello !== undefined;
  }

  /** Whether it accepts processes for this platform, with these rights. */
  canRun(platform: string, rights: readonly Entitlement[]): boolean {
    const { hello } = this.#attachment;
    if (hello === undefined || !this.canCopy || !hello.platforms.includes(platform)) return false;
    return rights.every((right) => hello.allow?.includes(right));
  }

  /** Keeps what it said of itself. */
  keep(hello: Hello | undefined, leaving = false): void {
    if (hello !== undefined) {
      const { instance, platforms, capacity, containers = 0, labels, allow = [], isLasting = false } = hello;
      this.#attachment.hello = { instance, platforms, capacity, containers, labels, allow, isLasting };
    }
    this.#attachment.leaving = leaving;
    this.#socket.serializeAttachment(this.#attachment);
  }

  /** Sends it away for good. */
  dismiss(reason: string): void {
    this.#socket.close(endedCloseCode, reason);
  }

  /** Ends the connection of one whose token is good no more. It may dial in again, and hear that. */
  sendAway(reason: string): void {
    this.#socket.close(policyViolation, reason);
  }

  /** False when it is gone. */
  send(message: ToRunner): boolean {
    try {
      this.#socket.send(JSON.stringify(message));
      return true;
    } catch {
      return false;
    }
  }
}
