import type { RunTask } from "../../schemas/runner.ts";
import type { AllowedPort } from "./allowed-port.ts";
import { machineNameServers, stepNameServers } from "./name-servers.ts";
import { type NamespaceDescriptors, NetworkError, NetworkNamespace } from "./network-namespace.ts";
import { readAddressTables } from "./own-addresses.ts";

/**
 * The network of steps that do not choose: one of their own that leads outside and not to the machine (`default`), none,
 * or that of the machine (`host`).
 */
export type NetworkKind = "default" | "none" | "host";

/** The network of one step. */
export interface StepNetwork {
  kind: "own" | "none" | "host";
  /** Of its namespace, when it is the step's own. */
  namespaces?: NamespaceDescriptors;
  /** Text of `/etc/resolv.conf`. */
  nameServers: string;
  /** Ports of the machine that the step may use. */
  allowed: readonly AllowedPort[];
  /** Why there is none for a step that wants one, and what to do. */
  hint?: string;
  /** To be called when the step has ended. */
  release(): void;
}

interface NetworkSettings {
  kind: NetworkKind;
  allowed: readonly AllowedPort[];
  /** Steps are in user namespaces of their own: see `Ground`. */
  hasOwnUsers: boolean;
}

interface Spare {
  namespace: NetworkNamespace;
  /** Of the machine's network as it was then. */
  fingerprint: string;
}

/** A namespace that waits for its step is made anew after so long: the machine may be in another network by then. */
const SPARE_MS = 60_000;
const CHOSEN_NONE = "Steps of this runner have no network: it was started with --network none.";

/** Networks for the steps of a runner. One is made ahead while a step runs, so that the next need not wait. */
export class StepNetworks {
  readonly #settings: NetworkSettings;
  #spare: Promise<Spare | undefined> | undefined;
  #expiry: NodeJS.Timeout | undefined;
  #isClosed = false;
  /** Why steps that want a network have none, and what to do; undefined when they have one. */
  readonly shortcoming: string | undefined;

  private constructor(settings: NetworkSettings, first: Spare | NetworkError | undefined) {
    this.#settings = settings;
    if (first instanceof NetworkError) this.shortcoming = first.message;
    else if (first !== undefined) this.#keep(Promise.resolve(first));
  }

  /** Tries out whether the machine has the means; the network made for that is the first step's. */
  static async open(settings: NetworkSettings): Promise<StepNetworks> {
    if (settings.kind !== "default") return new StepNetworks(settings, undefined);
    const first = await make(settings).catch((error: unknown) => {
      if (error instanceof NetworkError) return error;
      throw error;
    });
    return new StepNetworks(settings, first);
  }

  /** The network for a step that asks for this one; none where the machine cannot make one. */
  async take(wanted: RunTask["network"]): Promise<StepNetwork> {
    const kind = wanted === "default" ? this.#settings.kind : wanted;
    if (kind !== "default")
      return withoutNamespace(kind, wanted !== "none" && kind === "none" ? CHOSEN_NONE : undefined);
    try {
      const { namespace } = await this.#next();
      this.#prepare();
      return {
        kind: "own",
        namespaces: namespace.descriptors,
        nameServers: stepNameServers(),
        allowed: this.#settings.allowed,
        release: () => {
          namespace.close();
          this.#prepare();
        },
      };
    } catch (error) {
      if (error instanceof NetworkError) return withoutNamespace("none", networkHint(error.message));
      throw error;
    }
  }

  /** Ends the network that waits for a step. Those that steps have end with them. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#drop();
  }

  async #next(): Promise<Spare> {
    const spare = this.#spare;
    clearTimeout(this.#expiry);
    this.#spare = undefined;
    const ready = await spare;
    if (ready?.fingerprint === fingerprint()) return ready;
    ready?.namespace.close();
    return make(this.#settings);
  }

  /** Makes the next one. A failure is reported by the step that needs it. */
  #prepare(): void {
    if (this.#spare === undefined && !this.#isClosed) this.#keep(make(this.#settings).catch(() => undefined));
  }

  #keep(spare: Promise<Spare | undefined>): void {
    this.#spare = spare;
    this.#expiry = setTimeout(() => void this.#drop(), SPARE_MS).unref();
  }

  async #drop(): Promise<void> {
    clearTimeout(this.#expiry);
    const spare = this.#spare;
    this.#spare = undefined;
    (await spare)?.namespace.close();
  }
}

/** What to tell the user of a step, and the operator of a runner, whose machine cannot make networks. */
export function networkHint(reason: string): string {
  return `The runner's machine cannot give steps a network of their own: ${reason}. To use the network of the machine instead, start the runner with --network host.`;
}

function withoutNamespace(kind: "host" | "none", hint?: string): StepNetwork {
  const nameServers = machineNameServers();
  return { kind, nameServers, allowed: [], release: () => {}, ...(hint !== undefined && { hint }) };
}

async function make({ allowed, hasOwnUsers }: NetworkSettings): Promise<Spare> {
  const before = fingerprint();
  return { namespace: await NetworkNamespace.open(allowed, hasOwnUsers), fingerprint: before };
}

function fingerprint(): string {
  return JSON.stringify([readAddressTables(), machineNameServers()]);
}
