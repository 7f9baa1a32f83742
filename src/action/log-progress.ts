import type { BuildEvent } from "../../schemas/events.ts";
import type { Progress } from "../command/progress.ts";
import type { BuildProgress } from "../progress/build-progress.ts";
import { GroupedText } from "../progress/grouped-text.ts";
import type { Workflow } from "./workflow.ts";

/** Prints a build to the log. The output of each build step is a group, which GitHub folds. */
export class LogProgress implements Progress {
  readonly #text: GroupedText;
  readonly #workflow: Workflow;

  constructor(workflow: Workflow) {
    this.#workflow = workflow;
    // GitHub shows the colours of a log.
    this.#text = new GroupedText(workflow, { hasColors: true });
  }

  /** The state of the build. */
  get build(): BuildProgress {
    return this.#text.progress;
  }

  show(event: BuildEvent): void {
    this.#text.add(event);
  }

  end(text = ""): void {
    if (text !== "") this.#workflow.print(text.trimEnd());
  }
}
