import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { plainEnvironment } from "./command.ts";

/** Whether this program is not root, so that it takes a user namespace in which it is. */
export function needsUserNamespace(): boolean {
  return process.platform === "linux" && process.getuid?.() !== 0;
}

/** Whether this program is root of a user namespace only, and not of the machine. */
export function isInUserNamespace(): boolean {
  const [first] = idMap("uid");
  return first?.inside !== 0 || first.outside !== 0 || first.count !== 2 ** 32 - 1;
}

/** Options of unshare(1) for a user namespace in which all users are the same. */
export const SAME_USERS: readonly string[] = ["--user", "--map-users=0:0:65536", "--map-groups=0:0:65536"];

/** A user namespace cannot be made, and why. */
export class UserNamespaceError extends Error {
  override name = "UserNamespaceError";
}

/** All ids that the user has been given (subuid(5)), and where it has none, itself as root and nobody else. */
const WAYS: readonly (readonly string[])[] = [["--map-root-user", "--map-auto"], ["--map-root-user"]];

/**
 * What is put before a command, so that the user is root in it. The command ends when this program does.
 * @throws {UserNamespaceError}
 */
export async function userNamespaceCommand(): Promise<string[]> {
  let reason = "";
  for (const way of WAYS) {
    const command = ["unshare", "--user", ...way];
    const failure = await tryOut([...command, "true"]);
    if (failure === undefined) return ["setpriv", "--pdeathsig", "KILL", ...command];
    reason = failure;
  }
  throw new UserNamespaceError(`a user who is not root cannot make a user namespace here: ${reason}`);
}

/** Why a command failed; undefined when it did not. */
async function tryOut([program = "", ...args]: readonly string[]): Promise<string | undefined> {
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"], env: plainEnvironment });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  try {
    const [code] = await once(child, "close");
    return code === 0 ? undefined : said.trim() || `${program} exited with ${code}`;
  } catch (error) {
    return (error as Error).message;
  }
}

/** A process or a file cannot be somebody's, and what to do about it. */
export class IdError extends Error {
  override name = "IdError";
}

/**
 * Sees to it that files and processes can have this owner.
 * @param what needs it, as `"f" belongs to 1000:100`
 * @throws {IdError}
 */
export function requireIds({ uid, gid }: { uid: number; gid: number }, what: string): void {
  if (hasId("uid", uid) && hasId("gid", gid)) return;
  throw new IdError(
    `${what}, and the runner has no ids for that: give its user ranges of them in /etc/subuid and /etc/subgid, and install newuidmap (uidmap)`,
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

/** Ids of this program's user namespace that stand for somebody outside (user_namespaces(7)). They never change. */
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
