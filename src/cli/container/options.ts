import { posix } from "node:path";
import { UsageError } from "../../command/command-error.ts";
import { byteSizeFlag } from "../../command/flags/byte-size.ts";
import type { FlagValues } from "../../command/flags/table.ts";
import type { ContainerConfig } from "../../oci/config.ts";
import { imageVolumes, processWords } from "../../oci/run-config.ts";
import type { ContainerOptions } from "../../runner/containers/container.ts";
import { DEFAULT_CAPABILITIES } from "../../runner/sandbox/capabilities.ts";
import type { ResourceLimits } from "../../runner/sandbox/oci-spec.ts";
import { signalNamed } from "../../runner/sandbox/signals.ts";
import { readEnvironment } from "./environment.ts";
import { refusedRunFlags, type runFlagTable } from "./flag-table.ts";
import { parseMountFlag, parseVolumeFlag, readTmpfs } from "./mounts.ts";

type Values = FlagValues<typeof runFlagTable>;

/** The settings of a container, from the flags and the image. */
type AskedContainer = Omit<ContainerOptions, "layers" | "fetchBlob">;

/** The signal that stops a container, and the time until it is killed. */
export interface StopRule {
  signal: NodeJS.Signals;
  milliseconds: number;
}

/**
 * Rejects invalid flags before an image is fetched.
 * @throws {UsageError}
 */
export function checkRunFlags(values: Values): void {
  for (const [name, { help }] of Object.entries(refusedRunFlags)) {
    const value: unknown = values[name as keyof typeof refusedRunFlags];
    if (value === undefined || value === false || (Array.isArray(value) && value.length === 0)) continue;
    throw new UsageError(`--${name} is not supported by varve run: ${help}`);
  }
  const network = networkOf(values);
  if (network !== "host" && network !== "none") {
    throw new UsageError(
      `network ${network} not found: a container has the network of this machine (host) or none`,
    );
  }
  if (values.workdir !== undefined && !values.workdir.startsWith("/")) {
    throw new UsageError(
      `the working directory '${values.workdir}' is invalid, it needs to be an absolute path`,
    );
  }
  limitsOf(values);
  stopRule(values, {});
  mountsOf(values, {});
}

/** @throws {UsageError | CommandError} with docker's words */
export function containerOf(
  values: Values,
  words: readonly string[],
  config: ContainerConfig,
  own: Readonly<Record<string, string | undefined>>,
): AskedContainer {
  const args = processWords(config, { entrypoint: values.entrypoint, words });
  if (args.length === 0) throw new UsageError("no command specified");
  const { env, "env-file": files, hostname, name } = values;
  return {
    args,
    env: readEnvironment(config.Env ?? [], { env, files, own }),
    workdir: posix.resolve("/", values.workdir ?? config.WorkingDir ?? "/"),
    user: values.user ?? config.User ?? "",
    network: networkOf(values) === "none" ? "none" : "host",
    mounts: mountsOf(values, config),
    readonly: values["read-only"] ?? false,
    limits: limitsOf(values),
    capabilities: capabilitiesOf(values),
    hosts: values["add-host"].map(readHost),
    stdin: values.interactive ?? false,
    terminal: values.tty ?? false,
    ...(name !== undefined && { name: readName(name) }),
    ...(hostname !== undefined && { hostname }),
  };
}

/** @throws {UsageError} */
export function stopRule(values: Values, config: ContainerConfig): StopRule {
  const given = values["stop-signal"] ?? config.StopSignal ?? "SIGTERM";
  const signal = signalNamed(given);
  if (signal === undefined) throw new UsageError(`invalid signal: ${given}`);
  const seconds = values["stop-timeout"] ?? "10";
  if (!/^-?\d{1,9}$/.test(seconds)) throw new UsageError(`invalid --stop-timeout ${JSON.stringify(seconds)}`);
  return { signal, milliseconds: Number(seconds) < 0 ? Number.POSITIVE_INFINITY : Number(seconds) * 1000 };
}

function mountsOf(values: Values, config: ContainerConfig): ContainerOptions["mounts"] {
  const given = [
    // The same value given twice is valid.
    ...[...new Set(values.volume)].map(parseVolumeFlag),
    ...values.mount.map(parseMountFlag),
    ...values.tmpfs.map(readTmpfs),
  ];
  const targets = new Set<string>();
  for (const { target } of given) {
    if (targets.has(target)) throw new UsageError(`Duplicate mount point: ${target}`);
    targets.add(target);
  }
  const ofImage = imageVolumes(config, targets).map((target) => ({
    type: "volume" as const,
    target,
    readonly: false,
    copy: true,
  }));
  return [...given, ...ofImage];
}

function networkOf({ network, net }: Values): string {
  return network ?? net ?? "host";
}

function limitsOf({ memory, cpus, "pids-limit": pids }: Values): ResourceLimits {
  const bytes = memory === undefined ? undefined : bytesOf(memory);
  return {
    ...(bytes !== undefined && { memory: bytes, swap: bytes }),
    ...(cpus !== undefined && { cpus: cpusOf(cpus) }),
    ...(pids !== undefined && pids !== "-1" && pids !== "0" && { pids: pidsOf(pids) }),
  };
}

function bytesOf(text: string): number {
  const bytes = byteSizeFlag("-m, --memory", text);
  if (bytes < 6 * 1024 ** 2) throw new UsageError("Minimum memory limit allowed is 6MB");
  return bytes;
}

function cpusOf(text: string): number {
  const cpus = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : 0;
  if (cpus >= 0.01) return cpus;
  throw new UsageError(
    `invalid argument ${JSON.stringify(text)} for "--cpus" flag: it must be a number of processors, e.g. 1.5`,
  );
}

function pidsOf(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(
    `invalid argument ${JSON.stringify(text)} for "--pids-limit" flag: it must be a whole number`,
  );
}

function capabilitiesOf({ "cap-add": added, "cap-drop": dropped }: Values): string[] {
  const [add, drop] = [added.map(capability), dropped.map(capability)];
  for (const name of [...add, ...drop]) {
    if (name === "CAP_ALL" || DEFAULT_CAPABILITIES.includes(name)) continue;
    throw new UsageError(
      `unsupported capability ${name}: a container can have ${DEFAULT_CAPABILITIES.join(", ")}`,
    );
  }
  const kept = drop.includes("CAP_ALL") ? [] : DEFAULT_CAPABILITIES.filter((name) => !drop.includes(name));
  if (add.includes("CAP_ALL")) return [...DEFAULT_CAPABILITIES];
  return DEFAULT_CAPABILITIES.filter((name) => kept.includes(name) || add.includes(name));
}

function capability(name: string): string {
  const upper = name.toUpperCase();
  return upper.startsWith("CAP_") ? upper : `CAP_${upper}`;
}

function readHost(text: string): [name: string, address: string] {
  const [, name, address] = /^([^:=\s]+)[:=]([0-9a-fA-F.:]+)$/.exec(text) ?? [];
  if (name === undefined || address === undefined)
    throw new UsageError(`bad format for add-host: ${JSON.stringify(text)}`);
  return [name, address];
}

function readName(name: string): string {
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name)) return name;
  throw new UsageError(`Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`);
}
