import { ExpandError, type Variables } from "../../../dockerfile/expand.ts";
import { readHeredocMark } from "../../../dockerfile/heredoc.ts";
import type { CommandLine, Run } from "../../../dockerfile/instruction.ts";
import { formatPlatform } from "../../../oci/platform.ts";
import { PlanFault } from "../plan-error.ts";
import type { Scope } from "../scope.ts";
import { shellOf } from "../shell.ts";
import type { RunDefinition, RunMount } from "../step.ts";
import { runName } from "../step-names.ts";
import { readMounts } from "./mounts.ts";
import type { Place } from "./place.ts";

/** Adds the step of a RUN. */
export function run(instruction: Run, place: Place): void {
  const { state, surroundings } = place;
  if (instruction.devices.length > 0) {
    const message = "device feature is only supported in Dockerfile frontend 1.14.0-labs or later";
    throw new PlanFault("plan/not-allowed", message);
  }
  const mounts = readMounts(instruction, place);
  const { line, script, summary } = shellLineOf(instruction.command, state.platform.os);
  const { security = "sandbox" } = instruction;
  const { allow, run: settings } = surroundings;
  const chosen = instruction.network ?? "default";
  const network = chosen === "default" ? settings.network : chosen;
  if (network === "host" && !allow.has("network.host")) throw notAllowed("network.host");
  if (security === "insecure" && !allow.has("security.insecure")) throw notAllowed("security.insecure");
  const args = line === undefined ? instruction.command.args : [...shellOf(state.image), line];
  surroundings.budget.entries(state.scope.size);
  const createdBy = `RUN ${[...argsOf(state.args, state.scope), ...args].join(" ")} # buildkit`;
  place.addStep(
    {
      kind: "run",
      parent: state.files,
      platform: formatPlatform(state.platform),
      args,
      env: withSshSocket(state.scope.entries(), mounts),
      workdir: state.workdir || "/",
      user: state.image.settings.user,
      mounts: withSharedMemory(mounts, settings.shmSize),
      network,
      security,
      ...(settings.hosts.length > 0 && { hosts: settings.hosts }),
      ...(settings.ulimits.length > 0 && { ulimits: settings.ulimits }),
      ...(surroundings.hostname && { hostname: surroundings.hostname }),
      ...(script && { script }),
    } satisfies RunDefinition,
    {
      name: runName(`${instruction.source}${summary}`, masked(state.scope, mounts), surroundings.escape),
      createdBy,
      ...(surroundings.proxies && { proxies: surroundings.proxies }),
    },
  );
  state.image.history.addLayer(createdBy);
}

/** The client has not allowed the build to use this. */
function notAllowed(entitlement: string): PlanFault {
  return new PlanFault("plan/not-allowed", `failed to load LLB: ${entitlement} is not allowed`);
}

interface ShellLine {
  /** Text for the shell; undefined for a JSON array, which needs none. */
  readonly line?: string;
  readonly script?: RunDefinition["script"];
  /** What progress adds to the name. */
  readonly summary: string;
}

/**
 * What the shell is given. A here-document alone is the text itself, or a program of its own when it begins with
 * `#!`; with other words around it, the shell reads it from the text.
 */
function shellLineOf({ shellForm, args, heredocs }: CommandLine, os: string): ShellLine {
  if (!shellForm) return { summary: "" };
  const line = args.join(" ");
  const [first] = heredocs;
  if (first === undefined) return { line, summary: "" };
  if (!isHeredocMark(line)) {
    const bodies = heredocs.map(({ raw, content, name }) => `\n${raw ?? content}${name}`);
    return { line: line + bodies.join(""), summary: "" };
  }
  const summary = ` (${summaryOf(first.raw ?? first.content)})`;
  if (os === "windows" || !first.content.startsWith("#!")) return { line: first.content, summary };
  const path = `/dev/pipes/${first.name}`;
  return { line: path, script: { path, content: first.content }, summary };
}

function isHeredocMark(text: string): boolean {
  try {
    return readHeredocMark(text) !== undefined;
  } catch (error) {
    if (error instanceof ExpandError) return false;
    throw error;
  }
}

function summaryOf(body: string): string {
  const text = body.trim();
  const end = text.indexOf("\n");
  return end < 0 ? text : `${text.slice(0, end).replace(/\r$/, "")}...`;
}

/** `|2 A=1 B=` for history: each argument once, in the place of its first ARG and with the value it has now. */
function argsOf(args: ReadonlyMap<string, string | undefined>, scope: Scope): string[] {
  if (args.size === 0) return [];
  return [`|${args.size}`, ...[...args].map(([key, value]) => `${key}=${scope.get(key) ?? value ?? ""}`)];
}

/** The variables as names may show them: those that a secret sets are hidden. */
function masked(scope: Scope, mounts: readonly RunMount[]): Variables {
  const secrets = new Set(
    mounts.flatMap((mount) => (mount.type === "secret" && mount.env ? [mount.env] : [])),
  );
  return {
    get: (name) => (secrets.has(name) ? "****" : scope.get(name)),
    names: () => [...scope.names(), ...secrets],
    patternWork: scope.patternWork,
  };
}

/** As BuildKit does it, the size is that of a mount, which takes the place of one that the instruction has there. */
function withSharedMemory(mounts: readonly RunMount[], size: number | undefined): readonly RunMount[] {
  if (size === undefined) return mounts;
  const target = "/dev/shm";
  return [
    ...mounts.filter((mount) => mount.target !== target),
    { type: "tmpfs", target, readonly: false, size },
  ];
}

function withSshSocket(env: RunDefinition["env"], mounts: readonly RunMount[]): RunDefinition["env"] {
  const ssh = mounts.find((mount) => mount.type === "ssh");
  if (ssh === undefined || env.some(([name]) => name === "SSH_AUTH_SOCK")) return env;
  return [...env, ["SSH_AUTH_SOCK", ssh.target]];
}
