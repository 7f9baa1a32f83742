import type { ClientRunner } from "../../../schemas/client-runner.ts";
import { BuildError } from "../../engine/errors.ts";
import type { Secrets } from "../../engine/run/runners.ts";

/** Secrets of a request, by name. */
export type SecretValues = Readonly<Record<string, Uint8Array>>;

/** Ids of the secrets and SSH agents that the client's runner has. */
export type HeldSecrets = Pick<ClientRunner, "secrets" | "ssh">;

/** The secrets of a build. Values are in memory only; after a restart, only their names are known. */
export class BuildSecrets implements Secrets {
  readonly #values: SecretValues;
  readonly #names: readonly string[];
  readonly #held: HeldSecrets;

  /** @param names of all secrets that the client sent */
  constructor(values: SecretValues, names: readonly string[], held: HeldSecrets = { secrets: [], ssh: [] }) {
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
      `secret ${id}: lost, because the server was restarted during the build`,
      {
        hint: "Send the build again: finished steps are not executed again.",
      },
    );
  }
}
