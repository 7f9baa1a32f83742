import { limits } from "./limits.ts";
import { PlanFault } from "./plan-error.ts";

/**
 * What planning may still make of a Dockerfile. A few kilobytes of text can ask for gigabytes: values double with
 * each line, and every stage begins with a copy of what is below it.
 */
export class Budget {
  #left: number = limits.work;

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
