import { availableParallelism } from "node:os";
import type { Entitlement } from "../../schemas/options.ts";
import type { AllowedPort } from "./network/allowed-port.ts";
import type { NetworkKind } from "./network/step-networks.ts";
import type { Keyring } from "./sandbox/keyring.ts";
import type { RuntimeName } from "./sandbox/runtime.ts";
import type { LimitSettings } from "./sandbox/step-limits.ts";
import type { RefusedHandshake } from "./server/handshake.ts";

/** Default maximum bytes of unpacked layers. */
export const DEFAULT_LAYER_BYTES = 20 * 2 ** 30;

/** An operator's settings for the steps of a runner. */
export interface StepSettings extends LimitSettings {
  /** The network of steps whose build does not choose one. Default: a separate network for each step. */
  network?: NetworkKind | undefined;
  /** Ports of the machine's loopback that steps with a separate network may use. Default: none. */
  networkAllow?: readonly AllowedPort[] | undefined;
}

export interface RunnerOptions extends StepSettings {
  /** For example `https://varve.example`. */
  server: string;
  token: string;
  /** Name of the pool of the server to join; by default its default pool. */
  pool?: string;
  /** Folder for layers, caches and running jobs. One runner at a time may use it. */
  data: string;
  /** Folder of unpacked layers, which programs may share. Default: one in `data`. */
  layers?: string;
  /** RUN steps at a time. */
  capacity: number;
  /** Containers with terminals at a time, which clients start. Default: 8. */
  containers?: number | undefined;
  labels?: Record<string, string>;
  /** Maximum bytes of unpacked layers. Default: `DEFAULT_LAYER_BYTES`. */
  layerBytes?: number;
  /** Whether later builds of this client will find the same folder, unlike in a CI job. Default false. */
  isLasting?: boolean;
  /** Whether cache mounts are saved at the server. Default true. */
  savesCaches?: boolean;
  /** The client's secrets and ssh agents, if the runner is on the client's machine. */
  keyring?: Keyring;
  /** Default: the first that is installed of crun, runc and unshare. */
  runtime?: RuntimeName;
  /** Rights that builds may request for their steps. Default: none. */
  allow?: readonly Entitlement[];
  /** Seconds without a step after which `idle` is called. Default: never. */
  idleSeconds?: number;
  idle?: () => void;
  /** The server rejects this runner for good. Default: it waits to be closed. */
  refused?: (answer: RefusedHandshake) => void;
  /**
   * The runner closes because its first step showed that the machine cannot start containers. Without this function a container is
   * tried at the start, which takes time that a build would wait for.
   */
  unable?: (reason: string) => void;
  /** The build for which the runner was offered no longer needs it. */
  dismissed?: () => void;
  /** Called with the bytes of each layer that was uploaded. */
  stored?: (bytes: number) => void;
  /** Receives messages for the operator. Default: standard error. */
  print?: (text: string) => void;
}

/** A running runner. */
export interface Runner {
  /** Limitations of steps on this machine, with the remedy: one sentence each. */
  shortcomings: readonly string[];
  /**
   * Accepts no further jobs, waits for running ones, saves cache mounts and disconnects. `now` cancels jobs and saving,
   * also after an earlier call.
   */
  close(now?: boolean): Promise<void>;
}

/**
 * RUN steps at a time, unless an operator sets it: more than processors, because steps often wait, for example for
 * downloads. BuildKit executes all steps that are ready.
 */
export function defaultCapacity(): number {
  return Math.max(8, 4 * availableParallelism());
}
