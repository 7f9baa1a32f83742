import type { BuildEvent, EventBody } from "../../schemas/events.ts";
import type { Progress } from "./progress.ts";

/**
 * Something that this machine does for a build, told as the server tells its steps: sending the context, pushing the
 * image. Nothing is told before there is something to tell.
 */
export class ClientStep {
  readonly #name: string;
  readonly #progress: Progress;
  readonly #began = Date.now();
  readonly #told = new Map<string, number>();
  /** What there is no more to be said of. */
  readonly #whole = new Set<string>();
  #isOpen = false;

  constructor(progress: Progress, name: string) {
    this.#progress = progress;
    this.#name = name;
  }

  start(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    const step = { id: this.#name, name: this.#name, stage: "", platform: "", lines: { start: 0, end: 0 } };
    this.#show({ type: "plan", steps: [step] });
    this.#show({ type: "step.start", step: this.#name });
  }

  /** @param total absent when nobody knows */
  tell(message: string, current: number, total?: number): void {
    this.start();
    if (current === 0 || this.#whole.has(message)) return;
    const now = Date.now();
    const isLast = current === total;
    if (isLast) this.#whole.add(message);
    else if (now - (this.#told.get(message) ?? 0) < this.#progress.pause) return;
    this.#told.set(message, now);
    const bytes = { current, ...(total !== undefined && { total }) };
    this.#show({ type: "step.progress", step: this.#name, message, ...bytes });
  }

  done(): void {
    if (!this.#isOpen) return;
    const milliseconds = Date.now() - this.#began;
    const nothing = { reused: false, why: "", differences: [] };
    this.#show({ type: "step.done", step: this.#name, milliseconds, ...nothing });
  }

  #show(body: EventBody): void {
    this.#progress.show({ seq: 0, time: Date.now() - this.#began, ...body } as BuildEvent);
  }
}
