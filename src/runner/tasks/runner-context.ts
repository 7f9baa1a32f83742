import type { Entitlement } from "../../../schemas/options.ts";
import type { Caches } from "../caches/caches.ts";
import type { Workspaces } from "../containers/workspaces.ts";
import type { StepNetworks } from "../network/step-networks.ts";
import type { Keyring } from "../sandbox/keyring.ts";
import type { Host } from "../sandbox/launch.ts";
import type { ResourceLimits } from "../sandbox/oci-spec.ts";
import type { JobService } from "../server/job-service.ts";
import type { Slots } from "../slots.ts";
import type { DirectoryStore } from "../snapshots/directory-store.ts";

/** State that the jobs of one runner share. */
export interface RunnerContext extends Host {
  /** Folder for the files of running jobs. */
  jobs: string;
  /** Folder for the files of clients' containers. */
  containers: string;
  /** Volumes of clients' containers. */
  workspaces: Workspaces;
  /** Rights that builds may request for their steps. */
  rights: ReadonlySet<Entitlement>;
  store: DirectoryStore;
  caches: Caches;
  /** Limits how many layers are written at the same time, because each uses all cores. */
  writers: Slots;
  service: JobService;
  /** The client's, if the runner is on its machine. */
  keyring?: Keyring;
  /** Limits of each step. */
  limits: ResourceLimits;
  networks: StepNetworks;
}

/** Receives the output of a step. A returned promise applies backpressure. */
export type Log = (stream: "stdout" | "stderr", text: string) => Promise<void> | undefined;
