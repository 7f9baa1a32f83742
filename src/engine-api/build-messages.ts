import type { BuildEvent, Descriptor } from "../../schemas/events.ts";
import type { Problem } from "../../schemas/problem.ts";
import { BuildProgress, exportId } from "../progress/build-progress.ts";
import { instructionOf, isFrom } from "../progress/step-name.ts";
import type { StepProgress } from "../progress/step-progress.ts";
import { type SequencePart, StepSequence } from "../progress/step-sequence.ts";
import { outputLine, splitLines } from "../progress/terminal-text.ts";

/** A message of a stream of the Engine API. */
export type Message =
  | { stream: string }
  | { status: string; id?: string; progressDetail?: { current?: number; total?: number } }
  | { aux: object }
  | { errorDetail: { message: string; code?: number }; error: string };

/** The last message of a stream that failed. */
export function errorMessage(message: string): Message {
  return { errorDetail: { message }, error: message };
}

/**
 * Converts the events of a build to messages of Docker's classic builder, which shows steps one after the other, in the
 * order of the Dockerfile, although they run concurrently.
 */
export class BuildMessages {
  readonly #progress = new BuildProgress();
  readonly #sequence = new StepSequence<string>(this.#progress);
  /** Numbers of steps in the order of the Dockerfile, including those that fetch images. */
  #numbers = new Map<StepProgress, number>();
  #unannounced = new Set<StepProgress>();

  /** The messages that can be sent after an event. */
  add(event: BuildEvent): Message[] {
    const changed = this.#progress.add(event);
    if (event.type === "plan") this.#number();
    for (const step of changed) this.#sequence.add(step, linesOf(event));
    const steps = this.#sequence.take().flatMap((part) => this.#partMessages(part));
    return [...steps, ...this.#buildMessages(event)].map((message) =>
      typeof message === "string" ? { stream: `${message}\n` } : message,
    );
  }

  #number(): void {
    const steps = [...this.#progress.steps.values()];
    const platforms = [...new Set(steps.map(({ info }) => info.platform))];
    const placeOf = ({ info }: StepProgress) => platforms.indexOf(info.platform) * 2 ** 32 + info.lines.start;
    const ordered = steps.sort((a, b) => placeOf(a) - placeOf(b));
    this.#numbers = new Map(ordered.map((step, index) => [step, index + 1]));
    this.#unannounced = new Set(ordered);
  }

  #partMessages({ step, items, isFirst }: SequencePart<string>): string[] {
    // The classic builder has no step for the export and no messages for fetched images.
    if (step.info.id === exportId || isFrom(step.name)) return [];
    return isFirst ? [...this.#announce(step), ...items] : items;
  }

  /** The title of a step, after those of the images before it. */
  #announce(step: StepProgress): string[] {
    const titles: string[] = [];
    const number = this.#numbers.get(step) ?? 0;
    for (const [other, place] of this.#numbers) {
      if (place > number) break;
      const isDue = other === step || isFrom(other.name);
      if (!isDue || !this.#unannounced.delete(other)) continue;
      titles.push(`Step ${place}/${this.#numbers.size} : ${instructionOf(other.name)}`);
    }
    return titles;
  }

  #buildMessages(event: BuildEvent): (string | Message)[] {
    switch (event.type) {
      case "warning":
        return [outputLine(`[Warning] ${event.rule}: ${event.message} (line ${event.line})`, false)];
      case "error":
        return [errorMessage(failureText(event.problem))];
      case "result":
        return [
          { aux: { ID: event.imageId } },
          `Successfully built ${shortId(event.imageId)}`,
          ...event.tags.map((tag) => `Successfully tagged ${tag}`),
        ];
      default:
        return [];
    }
  }
}

/** The message of a failed build. If a registry rejected the request for an image, it includes how to log in. */
export function failureText({ detail, title, hint, registry }: Problem): string {
  const text = detail ?? title;
  return registry === undefined || hint === undefined ? text : `${text}\n${hint}`;
}

function linesOf(event: BuildEvent): string[] {
  switch (event.type) {
    case "step.log":
      return splitLines(event.text).map((line) => outputLine(line, false));
    case "step.waiting":
      return [outputLine(` ---> ${event.message}`, false)];
    case "step.cached":
      return [" ---> Using cache", ...layerLines(event.layer)];
    case "step.done":
      return layerLines(event.layer);
    default:
      return [];
  }
}

function layerLines(layer: Descriptor | undefined): string[] {
  return layer === undefined ? [] : [` ---> ${shortId(layer.digest)}`];
}

/** The short form in which docker shows IDs and digests. */
export function shortId(digest: string): string {
  return digest.slice(digest.indexOf(":") + 1).slice(0, 12);
}
