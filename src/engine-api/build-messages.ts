import type { BuildEvent, StepInfo } from "../../schemas/events.ts";

/** A message of a stream of the Engine API. */
export type Message =
  | { stream: string }
  | { status: string; id?: string }
  | { aux: object }
  | { errorDetail: { message: string; code?: number }; error: string };

/** A failure as the last message of a stream. */
export function errorMessage(message: string): Message {
  return { errorDetail: { message }, error: message };
}

/** Tells a build in the words of Docker's classic builder. */
export class BuildMessages {
  readonly #steps = new Map<string, StepInfo & { number: number }>();
  readonly #told = new Set<string>();

  /** The messages of one event. */
  of(event: BuildEvent): Message[] {
    switch (event.type) {
      case "plan":
        for (const [index, step] of event.steps.entries())
          this.#steps.set(step.id, { ...step, number: index + 1 });
        return [];
      case "step.start":
        return this.#begin(event.step);
      case "step.cached":
        return [...this.#begin(event.step), { stream: " ---> Using cache\n" }, ...layer(event.layer)];
      case "step.done":
        return [...this.#begin(event.step), ...layer(event.layer)];
      case "step.log":
        return [{ stream: event.text.endsWith("\n") ? event.text : `${event.text}\n` }];
      case "step.waiting":
        return [{ stream: ` ---> ${event.message}\n` }];
      case "warning":
        return [{ stream: `[Warning] ${event.rule}: ${event.message} (line ${event.line})\n` }];
      case "error":
        return [errorMessage(event.problem.detail ?? event.problem.title)];
      case "result":
        return [
          { aux: { ID: event.imageId } },
          { stream: `Successfully built ${shortId(event.imageId)}\n` },
          ...event.tags.map((tag) => ({ stream: `Successfully tagged ${tag}\n` })),
        ];
      default:
        return [];
    }
  }

  #begin(id: string): Message[] {
    const step = this.#steps.get(id);
    if (step === undefined || this.#told.has(id)) return [];
    this.#told.add(id);
    const instruction = step.name.replace(/^\[[^\]]*\] /, "");
    return [{ stream: `Step ${step.number}/${this.#steps.size} : ${instruction}\n` }];
  }
}

function layer(descriptor: { digest: string } | undefined): Message[] {
  return descriptor === undefined ? [] : [{ stream: ` ---> ${shortId(descriptor.digest)}\n` }];
}

/** As docker shows ids and digests. */
export function shortId(digest: string): string {
  return digest.slice(digest.indexOf(":") + 1).slice(0, 12);
}
