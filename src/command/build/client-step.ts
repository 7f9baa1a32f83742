import type { BuildEvent, EventBody } from "../../../schemas/events.ts";
import type { Progress } from "../progress.ts";

/** Milliseconds between two events about the same transfer. */
const PAUSE = 100;
/** Origin of the times of all steps of this machine. */
const ORIGIN = Date.now();

/**
 * A step of a build that this machine executes, shown like those of the server: sending the context, pushing the image.
 * Nothing is shown before it has something to report.
 */
export class ClientStep {
  readonly #name: string;
  readonly #progress: Progress;
  readonly #began = Date.now();
  /** When transfers were last reported. */
  readonly #reported = new Map<string, number>();
  /** Transfers that are complete. */
  readonly #complete = new Set<string>();
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

  /** Reports a transfer. @param total absent when it is not known */
  report(message: string, current: number, total?: number): void {
    this.start();
    if (current === 0 || this.#complete.has(message)) return;
    const now = Date.now();
    const isLast = current === total;
    if (isLast) this.#complete.add(message);
    else if (now - (this.#reported.get(message) ?? 0) < PAUSE) return;
    this.#reported.set(message, now);
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
    this.#progress.show({ seq: 0, time: Date.now() - ORIGIN, ...body } as BuildEvent);
  }
}
