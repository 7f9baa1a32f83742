import type { Entitlement } from "../../schemas/options.ts";
import type { AllowedPort } from "./allowed-port.ts";
import type { RefusedHandshake } from "./handshake.ts";
import type { Keyring } from "./keyring.ts";
import type { RuntimeName } from "./runtime.ts";
import type { LimitSettings } from "./step-limits.ts";
import type { NetworkKind } from "./step-networks.ts";

/** What an operator says of the steps of a runner. */
export interface StepSettings extends LimitSettings {
  /** The network of steps that do not choose. Default: one of their own. */
  network?: NetworkKind | undefined;
  /** Ports of the machine's loopback that steps with a network of their own may use. Default: none. */
  networkAllow?: readonly AllowedPort[] | undefined;
}

/** Settings of a runner. */
export interface RunnerOptions extends StepSettings {
  /** As `https://varve.example`. */
  server: string;
  token: string;
  /** Folder for layers, caches and running jobs. One runner at a time may use it. */
  data: string;
  /** Folder of unpacked layers, which programs may share. Default: one in `data`. */
  layers?: string;
  /** Jobs at a time. */
  capacity: number;
  /** Containers with terminals at a time, which clients start. Default: 8. */
  containers?: number | undefined;
  labels?: Record<string, string>;
  /** Bytes that unpacked layers may take. Default 20 GiB. */
  layerBytes?: number;
  /** The runner of a client that later builds find with the same folder, unlike that of a CI job. Default false. */
  isLasting?: boolean;
  /** Whether cache mounts are saved at the server. Default true. */
  savesCaches?: boolean;
  /** What steps may read of the client's, when the runner is beside it. */
  keyring?: Keyring;
  /** Default: whichever is there, crun before runc. */
  runtime?: RuntimeName;
  /** Rights that steps may have, when their builds ask for them. Default: none. */
  allow?: readonly Entitlement[];
  /** Seconds without a step after which `idle` is called. Default: never. */
  idleSeconds?: number;
  idle?: () => void;
  /** The server does not want this runner, which has nothing more to do. Default: it waits to be closed. */
  refused?: (answer: RefusedHandshake) => void;
  /** The build that the runner was offered for needs it no longer. */
  dismissed?: () => void;
  /** Called with the bytes of each layer that was uploaded. */
  stored?: (bytes: number) => void;
  /** Is told what an operator should know. Default: standard error. */
  tell?: (text: string) => void;
}

/** A runner at work. */
export interface Runner {
  /** What its steps lack on this machine, and what to do about it: a sentence each. */
  shortcomings: readonly string[];
  /**
   * Accepts no further jobs, waits for those that are running, saves cache mounts, and disconnects. `now` cancels all of
   * that, also after an earlier call.
   */
  close(now?: boolean): Promise<void>;
}
