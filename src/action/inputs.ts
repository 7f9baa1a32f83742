import { type ListRules, readList } from "./list-input.ts";
import type { Environment } from "./workflow.ts";

/** An input is not what it can be. */
export class InputError extends Error {
  override name = "InputError";
}

/** The inputs of the step. */
export class Inputs {
  readonly #environment: Environment;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** The text of an input; empty when it is not given. */
  text(name: string, { keepSpace = false } = {}): string {
    const value = this.#environment[`INPUT_${name.replaceAll(" ", "_").toUpperCase()}`] ?? "";
    return keepSpace ? value : value.trim();
  }

  /** A boolean as YAML 1.2 spells it. @throws {InputError} */
  flag(name: string, usual: boolean): boolean {
    const text = this.text(name);
    if (text === "") return usual;
    if (/^(true|True|TRUE)$/.test(text)) return true;
    if (/^(false|False|FALSE)$/.test(text)) return false;
    throw new InputError(`the input ${name} is true or false, not "${text}"`);
  }

  /** One of some words. @throws {InputError} */
  choice<const T extends string>(name: string, choices: readonly T[], usual: T): T {
    const text = this.text(name) || usual;
    const found = choices.find((choice) => choice === text);
    if (found !== undefined) return found;
    throw new InputError(`the input ${name} is one of ${choices.join(", ")}, not "${text}"`);
  }

  /** The items of a list. @throws {InputError} */
  list(name: string, rules: ListRules = {}): string[] {
    try {
      return readList(this.text(name, { keepSpace: true }), rules);
    } catch (error) {
      throw new InputError(`the input ${name} is no list: ${(error as Error).message}`);
    }
  }
}
