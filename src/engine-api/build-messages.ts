import type { BuildEvent, StepInfo } from "../../schemas/events.ts";

/** A message of a stream of the Engine API. */
export type Message =
  | { stream: string }
  | { status: string; id?: string; progressDetail?: { current?: number; total?: number } }
  | { aux: object }
  | { errorDetail: { message: string; code?: number }; error: string };

/** A failure as the last message of a stream. */
export function errorMessage(message: string): Message {
  return { errorDetail: { message }, error: message };
}

/** A step, with the messages that wait for those of earlier steps. */
interface Step extends StepInfo {
  number: number;
  isStarted: boolean;
  isDone: boolean;
  waiting: Message[];
}

/** Messages of one step that wait. What a step prints beyond that is dropped until its turn comes. */
const MOST_WAITING = 10_000;

/**
 * A build in the words of Docker's classic builder, which executes one step after the other. Steps run concurrently here, so
 * what a step reports waits until all earlier ones are done.
 */
export class BuildMessages {
  readonly #steps = new Map<string, Step>();
  /** Steps in order, of which this one reports now. */
  #order: Step[] = [];
  #current = 0;

  /** The messages that one event adds. */
  of(event: BuildEvent): Message[] {
    switch (event.type) {
      case "plan":
        this.#order = event.steps.map((step, index) => {
          return { ...step, number: index + 1, isStarted: false, isDone: false, waiting: [] };
        });
        for (const step of this.#order) this.#steps.set(step.id, step);
        return [];
      case "step.start":
        return this.#report(event.step, []);
      case "step.cached":
        return this.#report(event.step, [{ stream: " ---> Using cache\n" }, ...layer(event.layer)], true);
      case "step.done":
        return this.#report(event.step, layer(event.layer), true);
      case "step.log":
        return this.#report(event.step, [
          { stream: event.text.endsWith("\n") ? event.text : `${event.text}\n` },
        ]);
      case "step.waiting":
        return this.#report(event.step, [{ stream: ` ---> ${event.message}\n` }]);
      case "warning":
        return [{ stream: `[Warning] ${event.rule}: ${event.message} (line ${event.line})\n` }];
      case "error":
        return [...this.#flush(event.step), errorMessage(event.problem.detail ?? event.problem.title)];
      case "result":
        return [
          ...this.#flush(),
          { aux: { ID: event.imageId } },
          { stream: `Successfully built ${shortId(event.imageId)}\n` },
          ...event.tags.map((tag) => ({ stream: `Successfully tagged ${tag}\n` })),
        ];
      default:
        return [];
    }
  }

  #report(id: string, messages: Message[], isDone = false): Message[] {
    const step = this.#steps.get(id);
    if (step === undefined) return messages;
    step.isDone ||= isDone;
    const added = [...this.#heading(step), ...messages];
    if (step !== this.#order[this.#current]) {
      step.waiting.push(...added.slice(0, Math.max(0, MOST_WAITING - step.waiting.length)));
      return [];
    }
    return [...added, ...this.#advance()];
  }

  /** What waits for its turn when the current step is done. */
  #advance(): Message[] {
    const messages: Message[] = [];
    while (this.#order[this.#current]?.isDone) {
      this.#current += 1;
      messages.push(...(this.#order[this.#current]?.waiting.splice(0) ?? []));
    }
    return messages;
  }

  /** What waits at the end: of all steps, or when one has failed, of the one that failed. */
  #flush(failed?: string): Message[] {
    return this.#order
      .filter(({ id }) => failed === undefined || id === failed)
      .flatMap(({ waiting }) => waiting.splice(0));
  }

  #heading(step: Step): Message[] {
    if (step.isStarted) return [];
    step.isStarted = true;
    const instruction = step.name.replace(/^\[[^\]]*\] /, "");
    return [{ stream: `Step ${step.number}/${this.#order.length} : ${instruction}\n` }];
  }
}

function layer(descriptor: { digest: string } | undefined): Message[] {
  return descriptor === undefined ? [] : [{ stream: ` ---> ${shortId(descriptor.digest)}\n` }];
}

/** As docker shows IDs and digests. */
export function shortId(digest: string): string {
  return digest.slice(digest.indexOf(":") + 1).slice(0, 12);
}
