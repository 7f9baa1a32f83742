import type { BuildEvent, EventDescriptor, InstructionText } from "../../schemas/events.ts";
import type { Problem } from "../../schemas/problem.ts";
import { BuildProgress } from "../progress/build-progress.ts";
import { shortId } from "../progress/short-text.ts";
import { instructionOfStep, isFrom } from "../progress/step-name.ts";
import { exportId, type StepProgress } from "../progress/step-progress.ts";
import { type SequencePart, StepSequence } from "../progress/step-sequence.ts";
import { outputLine, outputLines, plainTitle } from "../progress/terminal-text.ts";

/** A message of a stream of the Engine API. */
export type EngineMessage =
  | { stream: string }
  | { status: string; id?: string; progressDetail?: { current?: number; total?: number } }
  | { aux: object }
  | { errorDetail: { message: string; code?: number }; error: string };

/** The last message of a stream that failed. */
export function errorMessage(message: string): EngineMessage {
  return { errorDetail: { message }, error: message };
}

/**
 * Converts the events of a build to messages of Docker's classic builder, which shows all instructions one after the
 * other, in the order of the Dockerfile, although steps run concurrently.
 */
export class BuildMessages {
  readonly #progress = new BuildProgress();
  readonly #sequence = new StepSequence<string>(this.#progress);
  #titles: readonly string[] = [];
  /** First line of an instruction → its number, from 0. */
  #numbers = new Map<number, number>();
  /** Number of the first instruction without a title so far. */
  #next = 0;

  /** The messages that can be sent after an event. */
  add(event: BuildEvent): EngineMessage[] {
    const changed = this.#progress.add(event);
    if (event.type === "plan") this.#number(event.instructions ?? []);
    for (const step of changed) this.#sequence.add(step, linesOf(event));
    const steps = this.#sequence.take().flatMap((part) => this.#partMessages(part));
    return [...steps, ...this.#buildMessages(event)].map((message) =>
      typeof message === "string" ? { stream: `${message}\n` } : message,
    );
  }

  #number(instructions: readonly InstructionText[]): void {
    this.#titles = instructions.map(
      ({ text }, i) => `Step ${i + 1}/${instructions.length} : ${plainTitle(text)}`,
    );
    this.#numbers = new Map(instructions.map(({ line }, i) => [line, i]));
  }

  #partMessages({ step, items, isFirst }: SequencePart<string>): string[] {
    // The classic builder has no step for the export and no messages for fetched images.
    if (step.info.id === exportId || isFrom(step.name)) return [];
    return isFirst ? [...this.#announce(step), ...items] : items;
  }

  /** The title of a step, after those of the instructions before it that have none. Triggers have that of FROM. */
  #announce({ info, name }: StepProgress): string[] {
    const number = this.#numbers.get(info.lines.start);
    if (number === undefined) return [`Step : ${instructionOfStep(name)}`];
    if (number < this.#next) return [this.#titles[number] as string];
    return this.#announceTo(number + 1);
  }

  #announceTo(end: number): string[] {
    const titles = this.#titles.slice(this.#next, end);
    this.#next = end;
    return titles;
  }

  #buildMessages(event: BuildEvent): (string | EngineMessage)[] {
    switch (event.type) {
      case "warning":
        return [outputLine(`[Warning] ${event.rule}: ${event.message} (line ${event.line})`, false)];
      case "error":
        return [errorMessage(failureText(event.problem))];
      case "result":
        return [
          ...this.#announceTo(this.#titles.length),
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
      return outputLines(event.text).map((line) => outputLine(line, false));
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

function layerLines(layer: EventDescriptor | undefined): string[] {
  return layer === undefined ? [] : [` ---> ${shortId(layer.digest)}`];
}
