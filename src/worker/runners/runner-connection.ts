import type { Entitlement } from "../../../schemas/options.ts";
import { ENDED_CLOSE_CODE, type FromRunner, type ToRunner } from "../../../schemas/runner-messages.ts";
import { type Service, trustOf } from "./runner-trust.ts";

type Hello = Extract<FromRunner, { type: "hello" }>;

/** State of a connected runner, attached to its WebSocket so that it survives hibernation. */
interface Attachment {
  id: string;
  service: Service;
  /** Capabilities of the runner; undefined before it has sent them. */
  hello?: Pick<
    Hello,
    "instance" | "platforms" | "capacity" | "containers" | "labels" | "allow" | "isLasting"
  >;
  /** The runner is stopping: it finishes its jobs and writes layers of its snapshots. */
  leaving: boolean;
}

/** RFC 6455, section 7.4.1. */
const POLICY_VIOLATION = 1008;

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

  /** The builds that the runner may serve. */
  get service(): Service {
    return this.#attachment.service;
  }

  /** Sets the service. Must be called before `service` is read. */
  serve(service: Service): void {
    this.#attachment.service = service;
    this.#socket.serializeAttachment(this.#attachment);
  }

  get hello(): Attachment["hello"] {
    return this.#attachment.hello;
  }

  /** Identifies the runner's snapshot folder. Includes its trust level, so that it cannot claim a more trusted runner's folder. */
  get instance(): string {
    return `${trustOf(this.service)}${this.#attachment.hello?.instance ?? ""}`;
  }

  /** Whether later builds cannot use its snapshots, because its machine may stop with the build. */
  get isTransient(): boolean {
    return this.service.kind === "build" && this.#attachment.hello?.isLasting !== true;
  }

  /** Maximum number of concurrent processes. */
  get capacity(): number {
    return this.#attachment.hello?.capacity ?? 0;
  }

  /** Maximum number of concurrent containers with terminals. */
  get containers(): number {
    return this.#attachment.hello?.containers ?? 0;
  }

  /** Whether it executes tasks without a process. A runner without platforms executes no tasks. */
  get canCopy(): boolean {
    return this.canWrite && !this.#attachment.leaving && this.#attachment.hello?.platforms.length !== 0;
  }

  /** Whether it writes layers of its snapshots. A stopping runner still does. */
  get canWrite(): boolean {
    return this.#attachment.hello !== undefined;
  }

  /** Whether it executes processes for this platform with these rights. */
  canRun(platform: string, rights: readonly Entitlement[]): boolean {
    const { hello } = this.#attachment;
    if (hello === undefined || !this.canCopy || !hello.platforms.includes(platform)) return false;
    return rights.every((right) => hello.allow?.includes(right));
  }

  /** Stores the capabilities that the runner has sent. */
  keep(hello: Hello | undefined, leaving = false): void {
    if (hello !== undefined) {
      const { instance, platforms, capacity, containers = 0, labels, allow = [], isLasting = false } = hello;
      this.#attachment.hello = { instance, platforms, capacity, containers, labels, allow, isLasting };
    }
    this.#attachment.leaving = leaving;
    this.#socket.serializeAttachment(this.#attachment);
  }

  /** Closes the connection at the end of its build, with a code after which the runner does not reconnect. */
  dismiss(): void {
    this.#socket.close(ENDED_CLOSE_CODE, "the build has ended");
  }

  /** Closes the connection of a runner whose token is no longer valid. The runner receives the reason when it reconnects. */
  reject(reason: string): void {
    this.#socket.close(POLICY_VIOLATION, reason);
  }

  /** Sends a message. @returns false when the connection is closed */
  send(message: ToRunner): boolean {
    try {
      this.#socket.send(JSON.stringify(message));
      return true;
    } catch {
      return false;
    }
  }
}
