import type { BuildEvent } from "../../../schemas/events.ts";
import { plainLine } from "../../engine/terminal-text.ts";

/** One step as it stands. Times are milliseconds of the reader's clock. */
export interface ShownStep {
  name: string;
  state: "running" | "waiting" | "cached" | "done" | "failed" | "cancelled";
  started: number;
  /** How long it took, once it has ended. */
  milliseconds: number;
  /** What is counted, by its name. */
  items: Map<string, ShownItem>;
  /** The last lines of output. */
  log: string[];
  /** What it waits for. */
  waiting: string | undefined;
  /** Bytes of the layer that it wrote. */
  layerBytes: number | undefined;
}

export interface ShownItem {
  current: number;
  total: number | undefined;
  started: number;
}

export interface ShownWarning {
  rule: string;
  message: string;
  line: number;
}

/** Lines of output that are kept of a step. */
const KEPT_LINES = 60;

/** What is known of a build from its events so far. */
export class BuildSteps {
  /** Those that were begun, in that order. */
  readonly shown: ShownStep[] = [];
  readonly warnings: ShownWarning[] = [];
  /** Steps that there are, begun or not. */
  total = 0;
  outcome: "running" | "done" | "failed" | "cancelled" = "running";
  readonly #names = new Map<string, string>();
  readonly #byId = new Map<string, ShownStep>();

  /** Steps that have ended well. */
  get finished(): number {
    return this.shown.filter(({ state }) => state === "done" || state === "cached").length;
  }

  take(event: BuildEvent, now: number): void {
    switch (event.type) {
      case "plan":
        for (const { id, name } of event.steps) this.#names.set(id, plainLine(name));
        this.total = this.#names.size;
        break;
      case "step.start":
        this.#step(event.step, now);
        break;
      case "step.progress": {
        const { current, total } = event;
        const message = plainLine(event.message);
        const { items } = this.#step(event.step, now);
        items.set(message, { current, total, started: items.get(message)?.started ?? now });
        break;
      }
      case "step.log":
        this.#log(this.#step(event.step, now), event.text);
        break;
      case "step.waiting":
        Object.assign(this.#step(event.step, now), { state: "waiting", waiting: plainLine(event.message) });
        break;
      case "step.cached":
        this.#end(event.step, "cached", 0, now);
        break;
      case "step.done":
        this.#end(event.step, "done", event.milliseconds, now).layerBytes = event.layer?.size;
        break;
      case "warning":
        this.warnings.push({ ...event, message: plainLine(event.message) });
        break;
      case "export":
        this.#names.set("export", "exporting to image");
        this.total = this.#names.size;
        this.#step("export", now);
        break;
      case "result":
        if (this.#byId.has("export")) this.#end("export", "done", undefined, now);
        this.outcome = "done";
        break;
      case "error":
        this.#fail(event.problem.code === "cancelled", event.step, now);
        break;
    }
  }

  #step(id: string, now: number): ShownStep {
    const known = this.#byId.get(id);
    if (known !== undefined) {
      if (known.state === "waiting") Object.assign(known, { state: "running", waiting: undefined });
      return known;
    }
    const step: ShownStep = {
      name: this.#names.get(id) ?? id,
      state: "running",
      started: now,
      milliseconds: 0,
      items: new Map(),
      log: [],
      waiting: undefined,
      layerBytes: undefined,
    };
    this.#byId.set(id, step);
    this.shown.push(step);
    return step;
  }

  #end(id: string, state: ShownStep["state"], milliseconds: number | undefined, now: number): ShownStep {
    const step = this.#step(id, now);
    return Object.assign(step, {
      state,
      milliseconds: milliseconds ?? now - step.started,
      waiting: undefined,
    });
  }

  #fail(isCancelled: boolean, id: string | undefined, now: number): void {
    this.outcome = isCancelled ? "cancelled" : "failed";
    for (const [key, step] of this.#byId) {
      if (step.state !== "running" && step.state !== "waiting") continue;
      this.#end(key, key === id && !isCancelled ? "failed" : "cancelled", undefined, now);
    }
  }

  #log(step: ShownStep, text: string): void {
    const lines = text.split("\n");
    if (lines.at(-1) === "") lines.pop();
    step.log.push(...lines.map(plainLine));
    step.log.splice(0, Math.max(0, step.log.length - KEPT_LINES));
  }
}
