import { CommandError } from "../command/command-error.ts";
import { type ListRules, readList } from "./list-input.ts";
import type { Environment } from "./workflow.ts";

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

  /** A boolean as YAML 1.2 spells it. @throws {CommandError} */
  flag(name: string, byDefault: boolean): boolean {
    const text = this.text(name);
    if (text === "") return byDefault;
    if (/^(true|True|TRUE)$/.test(text)) return true;
    if (/^(false|False|FALSE)$/.test(text)) return false;
    throw new CommandError(`the input ${name} must be true or false, not "${text}"`);
  }

  /** One of some words. @throws {CommandError} */
  choice<const T extends string>(name: string, choices: readonly T[], byDefault: T): T {
    const text = this.text(name) || byDefault;
    const found = choices.find((choice) => choice === text);
    if (found !== undefined) return found;
    throw new CommandError(`the input ${name} must be one of ${choices.join(", ")}, not "${text}"`);
  }

  /** Requires a server, from the input or from `VARVE_SERVER`. @throws {CommandError} */
  requireServer(): void {
    if (this.text("server") === "" && !this.#environment.VARVE_SERVER)
      throw new CommandError("the input server is missing");
  }

  /** The items of a list. @throws {CommandError} */
  list(name: string, rules: ListRules = {}): string[] {
    try {
      return readList(this.text(name, { keepSpace: true }), rules);
    } catch (error) {
      throw new CommandError(`the input ${name} is not a list: ${(error as Error).message}`);
    }
  }
}
