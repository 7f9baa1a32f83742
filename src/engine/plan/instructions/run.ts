import { ExpandError, type Variables } from "../../../dockerfile/expand.ts";
import { readHeredocMark } from "../../../dockerfile/heredoc.ts";
import type { CommandLine, RunInstruction } from "../../../dockerfile/instruction.ts";
import { formatPlatform } from "../../../oci/platform.ts";
import { PlanFault } from "../plan-error.ts";
import type { Scope } from "../scope.ts";
import { shellOf } from "../shell.ts";
import type { RunDefinition, RunMount } from "../step.ts";
import { runName } from "../step-names.ts";
import type { Evaluation } from "./evaluation.ts";
import { readMounts } from "./mounts.ts";

/** RUN: adds a step. */
export function run(instruction: RunInstruction, evaluation: Evaluation): void {
  const { state, planContext } = evaluation;
  if (instruction.devices.length > 0) {
    const message = "device feature is only supported in Dockerfile frontend 1.14.0-labs or later";
    throw new PlanFault("plan/not-allowed", message);
  }
  const mounts = readMounts(instruction, evaluation);
  const { line, script, summary } = shellLineOf(instruction.command, state.platform.os);
  const { security = "sandbox" } = instruction;
  const { allow, run: settings } = planContext;
  const chosen = instruction.network ?? "default";
  const network = chosen === "default" ? settings.network : chosen;
  if (network === "host" && !allow.has("network.host")) throw notAllowed("network.host");
  if (security === "insecure" && !allow.has("security.insecure")) throw notAllowed("security.insecure");
  const args = line === undefined ? instruction.command.args : [...shellOf(state.image), line];
  planContext.budget.entries(state.scope.size);
  const createdBy = `RUN ${[...argsOf(state.args, state.scope), ...args].join(" ")} # buildkit`;
  evaluation.addStep(
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
      ...(planContext.hostname && { hostname: planContext.hostname }),
      ...(script && { script }),
    } satisfies RunDefinition,
    {
      name: runName(`${instruction.source}${summary}`, maskSecrets(state.scope, mounts), planContext.escape),
      createdBy,
      ...(planContext.proxies && { proxies: planContext.proxies }),
    },
  );
  state.image.history.addLayer(createdBy);
}

/** The error for an entitlement that the client has not allowed. */
function notAllowed(entitlement: string): PlanFault {
  return new PlanFault("plan/not-allowed", `failed to load LLB: ${entitlement} is not allowed`);
}

interface ShellLine {
  /** The text for the shell; undefined for the exec form. */
  readonly line?: string;
  readonly script?: RunDefinition["script"];
  /** Suffix of the displayed name. */
  readonly summary: string;
}

/**
 * The shell command of a RUN. A single here-document is the command itself, or becomes a script when it begins with
 * `#!`; with other words around it, the shell reads it from the command.
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

/** `|2 A=1 B=` for history: each argument once, at the position of its first ARG and with its current value. */
function argsOf(args: ReadonlyMap<string, string | undefined>, scope: Scope): string[] {
  if (args.size === 0) return [];
  return [`|${args.size}`, ...[...args].map(([key, value]) => `${key}=${scope.get(key) ?? value ?? ""}`)];
}

/** The variables for display, with values from secrets masked. */
function maskSecrets(scope: Scope, mounts: readonly RunMount[]): Variables {
  const secrets = new Set(
    mounts.flatMap((mount) => (mount.type === "secret" && mount.env ? [mount.env] : [])),
  );
  return {
    get: (name) => (secrets.has(name) ? "****" : scope.get(name)),
    names: () => [...scope.names(), ...secrets],
    patternWork: scope.patternWork,
  };
}

/** Sets the size of `/dev/shm` with a mount, as BuildKit does. It replaces a mount of the instruction at that path. */
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
