import { type ListRules, readList } from "./list-input.ts";
import type { Environment } from "./workflow.ts";

/** The value of an input is invalid. */
export class InputError extends Error {
  override name = "InputError";
}

/** The inputs of the step. */
export class Inputs {
  readonly #environment: Environment;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** The text of an input; empty by default. */
  text(name: string, { keepSpace = false } = {}): string {
    const value = this.#environment[`INPUT_${name.replaceAll(" ", "_").toUpperCase()}`] ?? "";
    return keepSpace ? value : value.trim();
  }

  /** A boolean as YAML 1.2 spells it. @throws {InputError} */
  flag(name: string, byDefault: boolean): boolean {
    const text = this.text(name);
    if (text === "") return byDefault;
    if (/^(true|True|TRUE)$/.test(text)) return true;
    if (/^(false|False|FALSE)$/.test(text)) return false;
    throw new InputError(`the input ${name} must be true or false, not "${text}"`);
  }

  /** One of some words. @throws {InputError} */
  choice<const T extends string>(name: string, choices: readonly T[], byDefault: T): T {
    const text = this.text(name) || byDefault;
    const found = choices.find((choice) => choice === text);
    if (found !== undefined) return found;
    throw new InputError(`the input ${name} must be one of ${choices.join(", ")}, not "${text}"`);
  }

  /** Requires a server, from the input or from `VARVE_SERVER`. @throws {InputError} */
  requireServer(): void {
    if (this.text("server") === "" && !this.#environment.VARVE_SERVER)
      throw new InputError("the input server is missing");
  }

  /** The items of a list. @throws {InputError} */
  list(name: string, rules: ListRules = {}): string[] {
    try {
      return readList(this.text(name, { keepSpace: true }), rules);
    } catch (error) {
      throw new InputError(`the input ${name} is not a list: ${(error as Error).message}`);
    }
  }
}
