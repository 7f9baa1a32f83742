import { limits } from "./limits.ts";
import { PlanFault } from "./plan-error.ts";

/**
 * What planning may still make of a Dockerfile. A few kilobytes of text can ask for gigabytes: values double with
 * each line, and every stage begins with a copy of what is below it.
 */
export class Budget {
  #left: number = limits.work;
  /** What matching patterns may still take. */
  readonly patternWork = { left: limits.patternWork };
  #instructions = 0;

  /** Work so far, in units of `spend`. */
  get work(): number {
    return 8 * (limits.work - this.#left) + 16 * (limits.patternWork - this.patternWork.left);
  }

  /** Pays for instructions. */
  instructions(count: number): void {
    this.#instructions += count;
    if (this.#instructions <= limits.instructions) return;
    const message = `The Dockerfile and the triggers of its bases have more than ${limits.instructions} instructions`;
    throw new PlanFault("plan/too-large", message);
  }

  /**
   * Pays for a text that expansion has made; answers with it.
   *
   * @throws {PlanFault} `plan/too-large`
   */
  value(text: string): string {
    if (text.length > limits.value) {
      throw new PlanFault(
        "plan/too-large",
        `A value is longer than ${limits.value} characters after expansion`,
      );
    }
    this.#pay(text.length);
    return text;
  }

  /** Pays for a text that only people read. */
  text(length: number): void {
    this.#pay(length);
  }

  /** Pays for entries of lists and maps that were copied. */
  entries(count: number): void {
    // About what an entry takes besides its text, which is shared.
    this.#pay(32 * count);
  }

  #pay(amount: number): void {
    this.#left -= amount;
    if (this.#left < 0) {
      throw new PlanFault(
        "plan/too-large",
        "The Dockerfile becomes too large when its variables are expanded",
      );
    }
  }
}
