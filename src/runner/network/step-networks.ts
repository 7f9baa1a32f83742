import type { RunTask } from "../../../schemas/runner.ts";
import { HostError } from "../sandbox/host-error.ts";
import type { AllowedPort } from "./allowed-port.ts";
import { machineNameServers, stepNameServers } from "./name-servers.ts";
import { type NamespaceDescriptors, NetworkNamespace } from "./network-namespace.ts";
import { ownAddresses, readAddressTables } from "./own-addresses.ts";

/**
 * The network of steps whose build does not choose one. `default`: a separate network for each step, which reaches the
 * outside but not the machine. `host`: the machine's network.
 */
export type NetworkKind = "default" | "none" | "host";

export interface StepNetwork {
  kind: "own" | "none" | "host";
  /** Descriptors of its namespace, if the kind is `own`. */
  namespaces?: NamespaceDescriptors;
  /** Text of `/etc/resolv.conf`. */
  nameServers: string;
  /** Ports of the machine that the step may use. */
  allowed: readonly AllowedPort[];
  /** Why a step that needs a network has none, with the remedy. */
  hint?: string;
  /** Call this when the step has ended. */
  release(): void;
}

interface NetworkSettings {
  kind: NetworkKind;
  allowed: readonly AllowedPort[];
  /** Whether steps have their own user namespaces: see `SandboxMethod`. */
  hasOwnUsers: boolean;
}

interface Spare {
  namespace: NetworkNamespace;
  /** Fingerprint of the machine's network at that time. */
  fingerprint: string;
}

/** Age at which an unused namespace is closed. */
const SPARE_MS = 60_000;
const CHOSEN_NONE = "Steps of this runner have no network: it was started with --network none.";

/** Makes networks for steps. The next one is made in advance while a step runs, so that no step waits for it. */
export class StepNetworks {
  readonly #settings: NetworkSettings;
  #spare: Promise<Spare | undefined> | undefined;
  #expiry: NodeJS.Timeout | undefined;
  #isClosed = false;
  /** Why steps cannot have a separate network, with the remedy; undefined when they can. */
  readonly shortcoming: string | undefined;

  private constructor(settings: NetworkSettings, first: Spare | HostError | undefined) {
    this.#settings = settings;
    if (first instanceof HostError) this.shortcoming = first.message;
    else if (first !== undefined) this.#keep(Promise.resolve(first));
  }

  /** Makes a first network, to find out whether the machine can. The first step uses it. */
  static async open(settings: NetworkSettings): Promise<StepNetworks> {
    if (settings.kind !== "default") return new StepNetworks(settings, undefined);
    const first = await make(settings).catch((error: unknown) => {
      if (error instanceof HostError) return error;
      throw error;
    });
    return new StepNetworks(settings, first);
  }

  /** Returns the network that a step requests; none where the machine cannot make one. */
  async acquire(wanted: RunTask["network"]): Promise<StepNetwork> {
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
      if (error instanceof HostError) return withoutNamespace("none", networkHint(error.message));
      throw error;
    }
  }

  /** Closes the spare network. Networks of running steps close with their steps. */
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

  /** Makes the next network. A failure is ignored: the next step tries again and reports it. */
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

/** The message for users and operators when the machine cannot make networks. */
export function networkHint(reason: string): string {
  return `The runner's machine cannot make a separate network for steps: ${reason}. To use the machine's network instead, start the runner with --network host.`;
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
  return JSON.stringify([[...ownAddresses(readAddressTables())], machineNameServers()]);
}
