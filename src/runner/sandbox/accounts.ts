import { lstatSync, readFileSync } from "node:fs";
import { type Group, MAX_ID, parseGroups, parseUsers, type User } from "../../rootfs/users.ts";
import { resolveInRoot } from "../files/root-path.ts";
import { JobError } from "../job-error.ts";

/** The user and groups of a process. */
export interface Account {
  uid: number;
  gid: number;
  /** Without `gid`. */
  groups: number[];
  home: string;
}

const MAX_BYTES = 10 * 1024 * 1024;

/**
 * The account that USER means in the tree at `root`: `user[:group]`, each a name or a number, `""` for root. Groups
 * that list the user are added when no group is given, as BuildKit does it.
 * @throws {JobError} `refused`, with BuildKit's words
 */
export function accountOf(root: string, user: string): Account {
  const [name = "", groupName] = (user || "0").split(":", 2) as [string, string?];
  const users = readUsers(root);
  const numbers = [numericId(name), groupName === undefined ? undefined : numericId(groupName)];
  const [uid, gid] = numbers;
  if (uid !== undefined && gid !== undefined) {
    return { uid, gid, groups: [], home: homeOf(users, uid) };
  }
  const groups = parseGroups(readSmallFile(root, "/etc/group") ?? "");
  const account = findUser(users, name, user);
  if (groupName) {
    account.gid = findGroup(groups, groupName, user);
    return account;
  }
  if (account.name !== undefined) {
    const { name: member } = account;
    account.groups = groups.flatMap(({ gid, members }) => (members.includes(member) ? [gid] : []));
    account.groups = [...new Set(account.groups)].filter((gid) => gid !== account.gid);
  }
  return account;
}

function findUser(
  users: readonly User[] | undefined,
  name: string,
  given: string,
): Account & { name?: string } {
  const number = /^\d+$/.test(name) ? Number(name) : undefined;
  // A number is an id, even when a user has it as a name.
  const found = users?.find((user) => (number === undefined ? user.name === name : user.uid === number));
  if (found !== undefined) return { ...found, groups: [] };
  if (number === undefined) {
    if (given === "") return { uid: 0, gid: 0, groups: [], home: "/" };
    throw new JobError("refused", `unable to find user ${name}: no matching entries in passwd file`);
  }
  return { uid: inRange(number), gid: 0, groups: [], home: "/" };
}

function findGroup(groups: readonly Group[], name: string, given: string): number {
  const number = /^\d+$/.test(name) ? Number(name) : undefined;
  const found = groups.find((group) => (number === undefined ? group.name === name : group.gid === number));
  if (found !== undefined) return found.gid;
  if (number !== undefined) return inRange(number);
  throw new JobError(
    "refused",
    `unable to find group ${given.slice(given.indexOf(":") + 1)}: no matching entries in group file`,
  );
}

function inRange(id: number): number {
  if (id <= MAX_ID) return id;
  throw new JobError("refused", `uids and gids must be in range 0-${MAX_ID}`);
}

/** The id of `root` or of a 32-bit number, which need no lookup. */
function numericId(text: string): number | undefined {
  if (text === "root") return 0;
  return /^\d{1,10}$/.test(text) && Number(text) < 2 ** 32 ? Number(text) : undefined;
}

function homeOf(users: readonly User[] | undefined, uid: number): string {
  return users?.find((user) => user.uid === uid)?.home || "/";
}

function readUsers(root: string): User[] | undefined {
  const text = readSmallFile(root, "/etc/passwd");
  return text === undefined
    ? undefined
    : parseUsers(text).map((user) => ({ ...user, home: user.home || "/" }));
}

/** Undefined when it is no regular file. */
function readSmallFile(root: string, path: string): string | undefined {
  let place: ReturnType<typeof resolveInRoot>;
  try {
    place = resolveInRoot(root, path);
  } catch (error) {
    if (error instanceof JobError) return undefined;
    throw error;
  }
  if (place.missing.length > 0) return undefined;
  const stats = lstatSync(root + place.found);
  if (!stats.isFile()) return undefined;
  if (stats.size > MAX_BYTES) throw new JobError("refused", `"${path}" exceeds ${MAX_BYTES} bytes`);
  return readFileSync(root + place.found, "utf8");
}
