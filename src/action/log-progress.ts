import type { BuildEvent } from "../../schemas/events.ts";
import type { Progress } from "../cli/progress.ts";
import { PlainProgress } from "../engine/plain-progress.ts";
import type { Workflow } from "./workflow.ts";

/** Prints a build into the log of the step, and keeps what the server told of it. */
export class LogProgress implements Progress {
  readonly showsProblems = true;
  readonly pause = 5000;
  /** What was written by processes is left out: it can be of any size, and the log has it. */
  readonly events: BuildEvent[] = [];
  readonly #plain = new PlainProgress();
  readonly #workflow: Workflow;

  constructor(workflow: Workflow) {
    this.#workflow = workflow;
  }

  show(event: BuildEvent): void {
    const text = this.#plain.render(event);
    if (text !== "") this.#workflow.print(text.replace(/\n$/, ""));
    // What this machine does itself has no place in the log of the build.
    if (event.seq > 0 && event.type !== "step.log" && event.type !== "step.progress") this.events.push(event);
  }

  end(): void {}
}
