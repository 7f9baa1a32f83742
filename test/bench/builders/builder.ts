import type { Traffic } from "../machine/traffic.ts";
import type { StepAccess } from "../network/proxy.ts";

/** The time of a RUN step that executed. */
export interface RunTime {
  /** As `[build 2/4] RUN make`. */
  name: string;
  /** Seconds of the step, with all work of the builder for it. */
  seconds: number;
  /** Seconds of its process; docker's include the work around it. */
  processSeconds: number;
}

/** A builder without earlier builds. Each start is one round. */
export interface Builder extends AsyncDisposable {
  name: BuilderName;
  /** The access of its steps to the proxy, if there is one. */
  access: StepAccess | undefined;
  /** Builds the context of a folder. Resolves when the image can be pulled. */
  build(folder: string, options?: BuildOptions): Promise<Measurement>;
  /** Total resources of all builds so far. */
  use(): Promise<Use>;
}

interface Use {
  /** CPU seconds of the server, as in `Measurement`. */
  serverCpu: number;
  /** CPU seconds of the commands. */
  clientCpu: number;
  /** Sum of the peak resident memory of varve's server processes, in bytes. */
  peakMemory?: number;
  /** Operations on varve's stores by kind, as `R2 read`; only of a server that counts them. */
  operations?: Record<string, number>;
}

type BuilderName = "docker" | "varve build" | "tar | curl";

export interface BuildOptions {
  /** Name of the image. Builds at the same time need different ones. */
  image?: string;
  /** Execute each step, without the build cache. */
  noCache?: boolean;
  /** With docker, false stops the time when the daemon has the image. */
  push?: boolean;
  /** Values of ARG. */
  args?: Readonly<Record<string, string>>;
  /** Files with values of secrets, by id. */
  secrets?: Readonly<Record<string, string>>;
}

/** One build. */
export interface Measurement {
  /** From the command until the image can be pulled. */
  seconds: number;
  /** Digest of the image's manifest; docker's differs in each build. */
  digest?: string;
  /**
   * CPU seconds of the builder's server until it was quiet again: dockerd and containerd, or varve's server and runner.
   * The processes of RUN are not among them.
   */
  serverCpu: number;
  /** CPU seconds of the command. */
  clientCpu: number;
  /** Through varve's port. */
  traffic?: Traffic;
  /** RUN steps that executed, in the order of the plan. */
  runs: RunTime[];
  /** Seconds of the longest chain of processes of RUN that wait for each other. */
  path: number;
  /** Seconds before the server began to build. */
  before?: number;
  /** With several runners: the number that executed steps, and the maximum at the same time. */
  runners?: { used: number; atOnce: number };
}
