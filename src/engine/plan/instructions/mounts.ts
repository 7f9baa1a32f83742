import type { Mount, RunInstruction } from "../../../dockerfile/instruction.ts";
import { readMount } from "../../../dockerfile/mount.ts";
import { quoteGo } from "../../../dockerfile/quote.ts";
import { cleanPath } from "../../../dockerignore/clean-path.ts";
import { baseName, joinPath } from "../os-path.ts";
import { PlanFault } from "../plan-error.ts";
import type { StageNode } from "../stage-graph.ts";
import type { FileState, RunMount } from "../step.ts";
import type { Evaluation } from "./evaluation.ts";

/** The mounts of RUN with variables expanded, sorted by target, so that outer mounts come first. */
export function readMounts(instruction: RunInstruction, evaluation: Evaluation): RunMount[] {
  const mounts = instruction.mounts.map((text) => readMount(text, (value) => evaluation.expand(value)));
  const agents = mounts.filter(({ type }) => type === "ssh");
  return mounts
    .map((mount, index) =>
      planMount(mount, evaluation.command.sources[index], agents.indexOf(mount), evaluation),
    )
    .sort((a, b) => compare(a.target ?? "", b.target ?? ""));
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function planMount(
  mount: Mount,
  source: StageNode | undefined,
  agent: number,
  evaluation: Evaluation,
): RunMount {
  if (mount.type === "secret") return secretMount(mount, evaluation);
  if (mount.type === "ssh") return sshMount(mount, agent, evaluation);
  const from = originOf(mount, source, evaluation);
  const target = absolute(mount.target ?? "", evaluation);
  if (target === "/") {
    throw new PlanFault("plan/invalid-mount", `invalid mount target ${quoteGo(target)}`).about(
      mount.target ?? "",
    );
  }
  const { readonly } = mount;
  if (mount.type === "tmpfs") {
    return { type: "tmpfs", target, readonly, ...(mount.sizeLimit && { size: mount.sizeLimit }) };
  }
  const path = joinPath("/", mount.source ?? "");
  if (mount.type === "bind") return { type: "bind", from, source: path, target, readonly };
  const isOwned = mount.uid !== undefined || mount.gid !== undefined || mount.mode !== undefined;
  return {
    type: "cache",
    id: [evaluation.planContext.cacheNamespace, mount.cacheId || cleanPath(mount.target ?? "")]
      .filter(Boolean)
      .join("/"),
    sharing: mount.sharing ?? "shared",
    from,
    source: path,
    target,
    readonly,
    ...(path === "/" && isOwned && { root: ownerOf(mount, 0o755) }),
  };
}

/** An absolute path, relative to the working directory of the process. */
function absolute(path: string, { state }: Evaluation): string {
  return joinPath("/", path.startsWith("/") ? path : joinPath(state.workdir, path));
}

/** The initial files of a bind or cache mount. A cache mount is empty by default. */
function originOf(mount: Mount, source: StageNode | undefined, evaluation: Evaluation): FileState {
  if (mount.type === "tmpfs" || (mount.type === "cache" && !mount.from)) return { kind: "scratch" };
  if (source === undefined) return { kind: "context" };
  const files = evaluation.planContext.filesOf(source);
  if (files !== undefined) return files;
  const message =
    `cannot mount from stage ${quoteGo(mount.from ?? "")} to ${quoteGo(mount.target ?? "")}, ` +
    "stage needs to be defined before current command";
  throw new PlanFault("plan/stage-not-yet-defined", message).about(mount.from ?? "");
}

function ownerOf(
  { uid = 0, gid = 0, mode }: Mount,
  defaultMode: number,
): { uid: number; gid: number; mode: number } {
  return { uid, gid, mode: mode ?? defaultMode };
}

function secretMount(mount: Mount, evaluation: Evaluation): RunMount {
  const id = mount.source || mount.cacheId || baseName(mount.target ?? "");
  const target = mount.target || (mount.env === undefined ? `/run/secrets/${baseName(id)}` : undefined);
  return {
    type: "secret",
    id,
    ...(target !== undefined && { target: absolute(target, evaluation) }),
    ...(mount.env !== undefined && { env: mount.env || id }),
    required: mount.required ?? false,
    ...ownerOf(mount, 0o400),
  };
}

function sshMount(mount: Mount, index: number, evaluation: Evaluation): RunMount {
  if (mount.source) throw new PlanFault("plan/invalid-mount", "ssh does not support source");
  return {
    type: "ssh",
    id: mount.cacheId || "default",
    target: absolute(mount.target || `/run/buildkit/ssh_agent.${index}`, evaluation),
    required: mount.required ?? false,
    ...ownerOf(mount, 0o600),
  };
}
