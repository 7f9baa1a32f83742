import { randomUUID } from "node:crypto";
import type { Ulimit } from "../../../schemas/run-options.ts";
import { DEFAULT_PATH } from "../../engine/plan/image-draft.ts";
import type { Account } from "./accounts.ts";
import { allCapabilities, DEFAULT_CAPABILITIES } from "./capabilities.ts";
import { seccompFilter } from "./seccomp.ts";
import { seccompProgram } from "./seccomp-program.ts";
import { hasId } from "./user-namespace.ts";

/** A mount of the runtime specification (config.md, "Mounts"). */
export interface SpecMount {
  destination: string;
  type: string;
  source: string;
  options: readonly string[];
}

/** Description of a container. */
export interface Container {
  /** Absolute. */
  rootfs: string;
  args: readonly string[];
  env: readonly (readonly [name: string, value: string])[];
  workdir: string;
  account: Account;
  hostname: string;
  /** `own`: the runtime is started in the container's network namespace. */
  network: "own" | "none" | "host";
  mounts: readonly SpecMount[];
  /** Path of its control group; undefined where groups cannot be made. */
  cgroup: string | undefined;
  /** Whether the runtime has root's rights over the machine, or only those of a user namespace. */
  ownsMachine: boolean;
  limits?: ResourceLimits;
  /** Limits of its processes. Those not named are this program's. */
  ulimits?: readonly Ulimit[];
  /** Whether it has a terminal, which the runtime connects with its own. */
  terminal?: boolean;
  /** Initial size of the terminal. */
  size?: { rows: number; columns: number };
  /** The root file system is read-only; mounts may be writable. */
  readonly?: boolean;
  /** Default: all that docker gives. */
  capabilities?: readonly string[];
  /** All rights of root, no filters and no masked paths, as in BuildKit's `security.insecure`. */
  isInsecure?: boolean;
}

/** Limits of a container, set with control groups. */
export interface ResourceLimits {
  /** Bytes. */
  memory?: number;
  /** Bytes of memory and swap together. */
  swap?: number;
  /** Processors: 1.5 is one and a half. */
  cpus?: number;
  /** Processes and threads. */
  pids?: number;
}

/** crun loads the compiled program from this annotation instead of compiling one. */
const FILTER_ANNOTATION = "run.oci.seccomp_bpf_data";

const programs = new Map<string, Buffer | undefined>();

/** The container's system call filter as a kernel program; undefined on unsupported architectures. */
export function filterProgram(container: Container): Buffer | undefined {
  if (container.isInsecure) return undefined;
  const capabilities = capabilitiesOf(container);
  const key = capabilities.join(" ");
  if (!programs.has(key)) {
    const filter = seccompFilter(capabilities);
    programs.set(key, filter && seccompProgram(filter));
  }
  return programs.get(key);
}

/** Placeholder for the largest 64-bit number, which JavaScript cannot represent. Random, so no text equals it. */
const UNLIMITED = randomUUID();

/** The `config.json` of the runtime specification for a container like those of `docker build`. */
export function ociConfig(container: Container): string {
  return JSON.stringify(ociSpec(container)).replaceAll(`"${UNLIMITED}"`, String(2n ** 64n - 1n));
}

function ociSpec(container: Container): object {
  const { account, cgroup } = container;
  const capabilities = capabilitiesOf(container);
  const filter = seccompFilter(capabilities);
  const program = filterProgram(container);
  return {
    ociVersion: "1.0.2",
    ...(program !== undefined && { annotations: { [FILTER_ANNOTATION]: program.toString("base64") } }),
    process: {
      ...(container.terminal && { terminal: true }),
      ...(container.size && { consoleSize: { height: container.size.rows, width: container.size.columns } }),
      user: {
        uid: account.uid,
        gid: account.gid,
        additionalGids: [account.gid, ...account.groups],
        umask: 0o022,
      },
      args: container.args,
      env: environment(container.env, account.home),
      cwd: container.workdir,
      capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
      noNewPrivileges: false,
      rlimits: rlimits(container),
    },
    root: { path: container.rootfs, ...(container.readonly && { readonly: true }) },
    hostname: container.hostname,
    mounts: lastPerDestination([...systemMounts(container), ...container.mounts]),
    linux: {
      namespaces: namespaces(container.network),
      ...(cgroup !== undefined && { cgroupsPath: cgroup, resources: resources(container) }),
      ...(!container.isInsecure && {
        maskedPaths: MASKED,
        readonlyPaths: READ_ONLY,
        ...(filter !== undefined && { seccomp: filter }),
      }),
    },
  };
}

/** A mount replaces an earlier one at the same path, as in BuildKit: a step may have a larger `/dev/shm`. */
function lastPerDestination(mounts: readonly SpecMount[]): SpecMount[] {
  return [...new Map(mounts.map((mount) => [mount.destination, mount])).values()];
}

/** Capabilities of root in a container. */
export function capabilitiesOf({
  cgroup,
  ownsMachine,
  capabilities,
  isInsecure,
}: Container): readonly string[] {
  if (isInsecure) return allCapabilities();
  const all = capabilities ?? DEFAULT_CAPABILITIES;
  // Without a control group nothing else prevents access to the machine's devices.
  return cgroup === undefined && ownsMachine ? all.filter((name) => name !== "CAP_MKNOD") : all;
}

/** Limits of a container's processes: the runner's, replaced by those of the build. */
export function ulimitsOf({ cgroup, ownsMachine, ulimits = [], limits: { pids } = {} }: Container): Ulimit[] {
  const own: Ulimit[] = [NO_CORE];
  // Without control groups the kernel counts the processes of a user in the runner's user namespace (setrlimit(2)).
  if (cgroup === undefined && !ownsMachine && pids !== undefined)
    own.push({ name: "nproc", soft: pids, hard: pids });
  return [...own.filter(({ name }) => ulimits.every((given) => given.name !== name)), ...ulimits];
}

/** A core dump would end up in the layer, with the secrets of the process. */
const NO_CORE: Ulimit = { name: "core", soft: 0, hard: 0 };

function rlimits(container: Container): object[] {
  const value = (limit: number) => (limit < 0 ? UNLIMITED : limit);
  return ulimitsOf(container).map(({ name, soft, hard }) => ({
    type: `RLIMIT_${name.toUpperCase()}`,
    soft: value(soft),
    hard: value(hard),
  }));
}

/** Microseconds over which the use of processors is counted. */
const CPU_PERIOD = 100_000;

function resources({ limits: { memory, swap, cpus, pids } = {}, isInsecure }: Container): object {
  return {
    devices: isInsecure ? [{ allow: true, access: "rwm" }] : DEVICES,
    ...(memory !== undefined && { memory: { limit: memory, ...(swap !== undefined && { swap }) } }),
    ...(cpus !== undefined && { cpu: { quota: Math.round(cpus * CPU_PERIOD), period: CPU_PERIOD } }),
    ...(pids !== undefined && { pids: { limit: pids } }),
  };
}

/** Adds HOME from passwd and a default PATH where the image and the build set none, as `docker build` does. */
export function environment(given: Container["env"], home: string): string[] {
  const all = new Map(given);
  if (!all.get("HOME")) all.set("HOME", home);
  if (!all.has("PATH")) all.set("PATH", DEFAULT_PATH);
  return [...all].map(([name, value]) => `${name}=${value}`);
}

function namespaces(network: Container["network"]): { type: string }[] {
  const types = ["pid", "ipc", "uts", "mount"];
  if (network === "none") types.push("network");
  return types.map((type) => ({ type }));
}

/** Mounts that every container has. */
export function systemMounts({ cgroup, ownsMachine, isInsecure }: Container): SpecMount[] {
  const mounts: SpecMount[] = [
    { destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"] },
    {
      destination: "/dev",
      type: "tmpfs",
      source: "tmpfs",
      options: ["nosuid", "strictatime", "mode=755", "size=65536k"],
    },
    {
      destination: "/dev/pts",
      type: "devpts",
      source: "devpts",
      options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", ...ttyGroup()],
    },
    {
      destination: "/dev/shm",
      type: "tmpfs",
      source: "shm",
      options: ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"],
    },
    { destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: ["nosuid", "noexec", "nodev"] },
  ];
  const safe = ["nosuid", "noexec", "nodev", isInsecure ? "rw" : "ro"];
  if (ownsMachine) {
    mounts.push({ destination: "/sys", type: "sysfs", source: "sysfs", options: safe });
  } else {
    // Mounting sysfs needs ownership of the network namespace, so the machine's is bound, without its control groups.
    mounts.push(
      { destination: "/sys", type: "none", source: "/sys", options: ["rbind", ...safe] },
      { destination: "/sys/fs/cgroup", type: "tmpfs", source: "tmpfs", options: safe },
    );
  }
  if (cgroup !== undefined) {
    mounts.push({ destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: safe });
  }
  return mounts;
}

/** The group `tty`, where the runner has an id for it. */
function ttyGroup(): string[] {
  return hasId("gid", 5) ? ["gid=5"] : [];
}

/** Processes may make any device file but open only these. */
const DEVICES = [
  { allow: false, access: "rwm" },
  { allow: true, type: "c", access: "m" },
  { allow: true, type: "b", access: "m" },
  ...[
    [1, 3],
    [1, 5],
    [1, 7],
    [1, 8],
    [1, 9],
    [5, 0],
    [5, 2],
    [136, undefined],
  ].map(([major, minor]) => ({
    allow: true,
    type: "c",
    major,
    ...(minor !== undefined && { minor }),
    access: "rwm",
  })),
];

/** Kernel files that are hidden from the container. */
export const MASKED: readonly string[] = [
  "/proc/acpi",
  "/proc/asound",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/sys/firmware",
  "/sys/devices/virtual/powercap",
];

/** Kernel files that are read-only in the container. */
export const READ_ONLY: readonly string[] = [
  "/proc/bus",
  "/proc/fs",
  "/proc/irq",
  "/proc/sys",
  "/proc/sysrq-trigger",
];
