import type { BuildEvent, EventBody, StepInfo } from "../../../schemas/events.ts";
import type { Progress } from "../progress.ts";

const ORIGIN = Date.now();

/**
 * Shows a build as one of several in one display: its steps have the name of the target before their own, and its export
 * is a step.
 */
export class TargetProgress implements Progress {
  readonly #name: string;
  readonly #progress: Progress;
  readonly #plan = new Map<string, StepInfo>();
  readonly #shown = new Set<string>();
  /** Milliseconds at which the export began. */
  #exportBegan: number | undefined;

  constructor(name: string, progress: Progress) {
    this.#name = name;
    this.#progress = progress;
  }

  show(event: BuildEvent): void {
    switch (event.type) {
      case "plan":
        for (const step of event.steps) this.#plan.set(step.id, step);
        return;
      case "export":
        this.#export(event.message);
        return;
      case "result":
        for (const tag of event.tags) this.#export(`naming to ${tag}`);
        this.#endExport();
        return;
      case "error":
        this.#progress.show(this.#local({ ...event, ...this.#stepOf(event.step) }));
        return;
      case "warning":
        this.#progress.show(this.#local({ ...event, file: `${this.#name}: ${event.file}` }));
        return;
      default:
        if ("step" in event) this.#progress.show(this.#local({ ...event, ...this.#stepOf(event.step) }));
    }
  }

  end(text = ""): void {
    if (text !== "") this.#progress.end(text.replace(/^(ERROR: )?/, `$1target ${this.#name}: `));
  }

  /** The id that a step has in the display; the step is shown when something happens to it. */
  #stepOf(id: string | undefined): { step?: string } {
    if (id === undefined) return {};
    const step = `${this.#name}/${id}`;
    if (!this.#shown.has(id)) {
      this.#shown.add(id);
      const lines = { start: 0, end: 0 };
      const info = this.#plan.get(id) ?? { id, name: id, stage: "", platform: "", lines };
      this.#progress.show(
        this.#local({
          type: "plan",
          steps: [{ ...info, id: step, name: this.#title(info.name), inputs: [] }],
        }),
      );
    }
    return { step };
  }

  #title(name: string): string {
    return name.startsWith("[") ? `[${this.#name} ${name.slice(1)}` : `[${this.#name}] ${name}`;
  }

  #export(text: string): void {
    const step = this.#stepOf("exporting to image").step as string;
    if (this.#exportBegan === undefined) {
      this.#exportBegan = Date.now();
      this.#progress.show(this.#local({ type: "step.start", step }));
    }
    this.#progress.show(this.#local({ type: "step.log", step, stream: "stdout", text: `${text}\n` }));
  }

  #endExport(): void {
    if (this.#exportBegan === undefined) return;
    const { step } = this.#stepOf("exporting to image");
    const milliseconds = Date.now() - this.#exportBegan;
    this.#progress.show(
      this.#local({
        type: "step.done",
        step: step as string,
        milliseconds,
        reused: false,
        why: "",
        differences: [],
      }),
    );
  }

  /** Events of several builds have one time line: that of this machine. */
  #local(body: EventBody): BuildEvent {
    return { ...body, seq: 0, time: Date.now() - ORIGIN };
  }
}
