import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { plainEnvironment } from "../command.ts";
import { JobError } from "../job-error.ts";
import { killGroup } from "./children.ts";
import { HostError } from "./host-error.ts";

/** Whether this program is not root and therefore needs a user namespace in which it is. */
export function needsUserNamespace(): boolean {
  return process.platform === "linux" && process.getuid?.() !== 0;
}

/** Whether this program is in a user namespace, so that it is not root of the machine. */
export function isInUserNamespace(): boolean {
  const [first] = idMap("uid");
  return first?.inside !== 0 || first.outside !== 0 || first.count !== 2 ** 32 - 1;
}

/** Options of unshare(1) for a user namespace that maps all ids to themselves. */
export const SAME_USERS: readonly string[] = ["--user", "--map-users=0:0:65536", "--map-groups=0:0:65536"];

/** Maps all ids in the user's ranges (subuid(5)), or, for a user without ranges, only its own id as root. */
const MAPPINGS: readonly (readonly string[])[] = [["--map-root-user", "--map-auto"], ["--map-root-user"]];

/**
 * The prefix of a command that makes the user root of a user namespace. The command ends when this program does.
 * @throws {HostError}
 */
export async function userNamespaceCommand(): Promise<string[]> {
  let reason = "";
  for (const mapping of MAPPINGS) {
    const command = ["unshare", "--user", ...mapping];
    const failure = await failureOf([...command, "true"]);
    if (failure === undefined) return ["setpriv", "--pdeathsig", "KILL", ...command];
    reason = failure;
  }
  throw new HostError(`a user who is not root cannot make a user namespace here: ${reason}`);
}

/** Runs a command. Returns why it failed; undefined when it succeeded. */
async function failureOf([program = "", ...args]: readonly string[]): Promise<string | undefined> {
  const child = spawn(program, args, {
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
    env: plainEnvironment,
  });
  child.once("exit", () => killGroup(child.pid));
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  try {
    const [code] = await once(child, "close");
    return code === 0 ? undefined : stderr.trim() || `${program} exited with ${code}`;
  } catch (error) {
    return (error as Error).message;
  }
}

/**
 * Checks that files and processes can have this owner.
 * @param what start of the error message, for example `"f" belongs to 1000:100`
 * @throws {JobError}
 */
export function requireIds({ uid, gid }: { uid: number; gid: number }, what: string): void {
  if (hasId("uid", uid) && hasId("gid", gid)) return;
  throw new JobError(
    "refused",
    `${what}, but the runner's user has no such ids: add ranges for it to /etc/subuid and /etc/subgid, and install newuidmap (package uidmap)`,
  );
}

/** Whether files and processes can have this owner. */
export function hasId(kind: "uid" | "gid", id: number): boolean {
  return idMap(kind).some(({ inside, count }) => id >= inside && id < inside + count);
}

interface IdRange {
  inside: number;
  outside: number;
  count: number;
}

const idMaps = new Map<string, IdRange[]>();

/** The id ranges of this program's user namespace (user_namespaces(7)). They never change. */
function idMap(kind: "uid" | "gid"): IdRange[] {
  const known = idMaps.get(kind);
  if (known !== undefined) return known;
  const lines = readFileSync(`/proc/self/${kind}_map`, "utf8").trim().split("\n");
  const ranges = lines.map((line) => {
    const [inside = 0, outside = 0, count = 0] = line.trim().split(/\s+/).map(Number);
    return { inside, outside, count };
  });
  idMaps.set(kind, ranges);
  return ranges;
}
