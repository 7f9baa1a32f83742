import type { ClientRunner } from "../../../schemas/runner.ts";
import { BuildError } from "../../engine/errors.ts";
import type { Secrets } from "../../engine/run/runners.ts";

/** Secrets by name, as they came with a request. */
export type SecretValues = Readonly<Record<string, Uint8Array>>;

/** Ids of what the runner beside the client has. */
export type HeldSecrets = Pick<ClientRunner, "secrets" | "ssh">;

/** The secrets of a build, in memory only: an instance that takes the build over knows no more than their names. */
export class BuildSecrets implements Secrets {
  readonly #values: SecretValues;
  readonly #names: readonly string[];
  readonly #held: HeldSecrets;

  /** @param names of all that came with the build */
  constructor(values: SecretValues, names: readonly string[], held: HeldSecrets) {
    this.#values = values;
    this.#names = names;
    this.#held = held;
  }

  isHeld(id: string): boolean {
    return this.#held.secrets.includes(id);
  }

  isForwarded(id: string): boolean {
    return this.#held.ssh.includes(id);
  }

  value(id: string): Uint8Array | undefined {
    const value = Object.hasOwn(this.#values, id) ? this.#values[id] : undefined;
    if (value !== undefined || !this.#names.includes(id)) return value;
    throw new BuildError(
      "secret-missing",
      `secret ${id}: lost, since the server was started again meanwhile`,
      {
        hint: "Send the build again: steps that are finished are not carried out again.",
      },
    );
  }
}
