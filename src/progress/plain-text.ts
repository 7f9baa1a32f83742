import type { BuildEvent } from "../../schemas/events.ts";
import { BuildProgress } from "./build-progress.ts";
import { StepLines } from "./step-lines.ts";
import { hasStepEnded, type StepProgress } from "./step-progress.ts";
import { warningLines } from "./warning-text.ts";

/** Events within this many milliseconds after a print are printed together. */
const MIN_PAUSE = 100;
/** Milliseconds without an event after which to call `tick`. */
export const TICK = 150;
/** Longest time in milliseconds that output is held back. */
const MAX_DELAY = 10_000;
/** A step that writes as much as all others together is shown for twice this time, in milliseconds. */
const MIN_TURN = 5000;
/** Maximum number of characters of a step that are held back. */
const MAX_HELD = 1 << 20;

/** The unprinted text of one step. */
interface Block {
  readonly step: StepProgress;
  /** The number in `#3`; assigned on the first print. */
  number: number;
  lines: string[];
  /** Number of characters in these lines. */
  size: number;
  /** Its last line, once it has ended. */
  end: string | undefined;
  /** Number of lines since the step was shown or held back, and the time of that. */
  written: number;
  since: number | undefined;
}

/**
 * Prints a build like BuildKit's `--progress=plain`. Shows the output of one step at a time; holds back that of others
 * until they end or get their turn. Depends only on the events and their times, so that a recorded build gives the same
 * text again.
 */
export class PlainText {
  readonly #progress = new BuildProgress();
  readonly #lines: StepLines;
  readonly #blocks = new Map<StepProgress, Block>();
  /** Blocks with unprinted text. */
  readonly #updated = new Set<Block>();
  /** Blocks of steps that have not ended. */
  readonly #open = new Set<Block>();
  #current: Block | undefined;
  #count = 0;
  /** Time of the last printed event. */
  #printed = Number.NEGATIVE_INFINITY;
  /** Time of the last event or tick. */
  #last = 0;
  #hasWarned = false;

  /** @param hasColors whether to keep colours in the output of steps; only for terminals that show them */
  constructor({ hasColors = false } = {}) {
    this.#lines = new StepLines(hasColors);
  }

  /** Whether text is held back, so that `tick` must be called. */
  get isHolding(): boolean {
    return this.#updated.size > 0 || (this.#current === undefined && this.#open.size > 0);
  }

  /** Adds an event and returns the text that can be printed: whole lines. */
  add(event: BuildEvent): string {
    const changed = this.#progress.add(event);
    const { time } = this.#progress;
    const due = this.#advance(time);
    for (const step of changed) this.#update(event, step, time);
    this.#last = time;
    const isOver = this.#progress.status !== "running";
    if (!isOver && time - this.#printed < MIN_PAUSE) return due;
    this.#printed = time;
    return due + this.#print(time) + (isOver ? this.#warnings() : "");
  }

  /** The text that can be printed this many milliseconds after the last event. */
  tick(milliseconds: number): string {
    return this.#advance(this.#progress.time + milliseconds);
  }

  /** All held back text and the warnings, for a build whose end is not reported. */
  flush(): string {
    return [...this.#updated].map((block) => this.#show(block)).join("") + this.#warnings();
  }

  #advance(time: number): string {
    let text = "";
    for (; this.#last + TICK <= time && this.isHolding; this.#last += TICK) {
      text += this.#print(this.#last + TICK);
    }
    return text;
  }

  #update(event: BuildEvent, step: StepProgress, time: number): void {
    const block = this.#blockOf(step);
    const lines = this.#lines.of(event, step, time);
    const end = this.#lines.end(step);
    // Ignore events after the printed end of a step, such as that its layer was stored.
    if (end !== undefined && end === block.end && lines.length === 0) return;
    for (const line of lines) {
      block.lines.push(line);
      block.size += line.length;
    }
    block.end = end;
    if (end !== undefined) {
      this.#open.delete(block);
      // Ended steps are shown in the order of their ends.
      this.#updated.delete(block);
    } else {
      this.#open.add(block);
    }
    block.since ??= time;
    block.written += lines.length;
    this.#updated.add(block);
  }

  #blockOf(step: StepProgress): Block {
    let block = this.#blocks.get(step);
    if (block === undefined) {
      block = { step, number: 0, lines: [], size: 0, end: undefined, written: 0, since: undefined };
      this.#blocks.set(step, block);
    }
    return block;
  }

  /** Shows ended steps, and then the step whose turn it is. */
  #print(time: number): string {
    const before = this.#current;
    let text = "";
    const isUpdated = before !== undefined && this.#updated.has(before);
    if (isUpdated && before.end !== undefined) text += this.#show(before);
    for (const block of [...this.#updated]) if (block.end !== undefined) text += this.#show(block);
    if (this.#updated.size === 0) {
      const [next] = this.#open;
      const hasTurn = before !== undefined && before.end === undefined;
      return next === undefined || hasTurn || this.#current !== undefined ? text : text + this.#show(next);
    }
    if (isUpdated && before.end === undefined) text += this.#show(before);
    const turn = this.#turn(before, time);
    return turn === undefined || turn === this.#current ? text : text + this.#show(turn);
  }

  /**
   * The next step to show. As in BuildKit, the more a step writes compared with the others, the longer it is shown; of
   * steps without output, the first is shown first.
   */
  #turn(before: Block | undefined, time: number): Block | undefined {
    const current = before?.end === undefined ? before : undefined;
    const others = [...this.#updated].filter((block) => block !== current);
    const shownFor = ({ since = time }: Block) => time - since;
    const overdue = others.find((block) => shownFor(block) > MAX_DELAY || block.size > MAX_HELD);
    if (overdue !== undefined) return overdue;
    const held = others.filter((block) => !this.#isEarly(block));
    const speed = (block: Block) => block.written / Math.max(1, shownFor(block));
    const [first = current, ...rest] = held;
    const fastest = rest.reduce((a, b) => (a !== undefined && speed(a) >= speed(b) ? a : b), first);
    if (current === undefined || fastest === undefined) return fastest;
    const all = held.reduce((sum, block) => sum + speed(block), 0);
    const isOver = (MIN_TURN * (all + speed(current))) / all < shownFor(current);
    return isOver && speed(fastest) > speed(current) ? fastest : undefined;
  }

  /**
   * Whether a step waits for a runner before its inputs have ended: the server looks for its result there. BuildKit starts
   * a step after its inputs.
   */
  #isEarly({ step }: Block): boolean {
    const inputs = (step.info.inputs ?? []).map((id) => this.#progress.steps.get(id));
    return step.state === "waiting" && inputs.some((input) => input !== undefined && !hasStepEnded(input));
  }

  #show(block: Block): string {
    const head = block === this.#current ? "" : this.#switchTo(block);
    const line = (text: string) => `#${block.number} ${text}\n`;
    const end = block.end === undefined ? "" : line(block.end);
    const text = head + block.lines.map(line).join("") + end;
    block.lines = [];
    block.size = 0;
    this.#updated.delete(block);
    this.#current = block.end === undefined ? block : undefined;
    if (block.end !== undefined) this.#startCount(block);
    return text;
  }

  #switchTo(block: Block): string {
    const left = this.#current;
    if (left !== undefined) this.#startCount(left);
    const leave = left === undefined ? "" : `#${left.number} ...\n`;
    const space = this.#count === 0 ? "" : "\n";
    if (block.number === 0) block.number = ++this.#count;
    return `${leave}${space}#${block.number} ${block.step.name}\n`;
  }

  #startCount(block: Block): void {
    block.written = 0;
    block.since = undefined;
  }

  #warnings(): string {
    if (this.#hasWarned) return "";
    this.#hasWarned = true;
    const lines = warningLines(this.#progress.warnings);
    return lines.length === 0 ? "" : `\n${lines.map((line) => ` ${line}\n`).join("")}`;
  }
}
