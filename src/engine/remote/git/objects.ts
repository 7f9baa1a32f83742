import { toHex } from "../../../streams/hex.ts";
import { decodeName } from "../../../tar/text.ts";
import { corruptGitError } from "./git-error.ts";
import { isObjectId, type ObjectFormat, type ObjectType } from "./object-format.ts";

/** The fields of a commit that a checkout needs (gitformat-commit). */
export interface Commit {
  tree: string;
  /** Commit time in seconds since 1970. */
  time: number;
}

/** The object that an annotated tag names. */
interface Tag {
  object: string;
  type: ObjectType;
}

/** An entry of a tree. A `module` is the commit of a submodule. */
interface TreeEntry {
  name: string;
  kind: "file" | "executable" | "symlink" | "dir" | "module";
  id: string;
}

const latin1 = new TextDecoder("latin1");
const TYPES: readonly string[] = ["commit", "tree", "blob", "tag"] satisfies ObjectType[];

/** Reads a commit. @throws {GitError} */
export function readCommit(bytes: Uint8Array, id: string): Commit {
  const headers = readHeaders(bytes);
  const tree = headers.get("tree") ?? "";
  const time = Number(/> (\d{1,15}) [+-]\d{4}$/.exec(headers.get("committer") ?? "")?.[1] ?? Number.NaN);
  if (!isObjectId(tree) || Number.isNaN(time))
    throw corruptGitError(`commit ${id}`, "its headers are incomplete");
  return { tree, time };
}

/** Reads an annotated tag. @throws {GitError} */
export function readTag(bytes: Uint8Array, id: string): Tag {
  const headers = readHeaders(bytes);
  const object = headers.get("object") ?? "";
  const type = headers.get("type") ?? "";
  if (!isObjectId(object) || !TYPES.includes(type))
    throw corruptGitError(`tag ${id}`, "its headers are incomplete");
  return { object, type: type as ObjectType };
}

/**
 * Reads a tree, entry by entry. Rejects names that would leave the checkout or write into `.git`, as git-fsck(1) does:
 * `hasDot`, `hasDotdot`, `hasDotgit`, `emptyName`, `fullPathname`, `duplicateEntries`.
 */
export function* readTree(
  bytes: Uint8Array,
  id: string,
  format: ObjectFormat,
): Generator<TreeEntry, void, undefined> {
  const what = `tree ${id}`;
  const names = new Set<string>();
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const zero = space < 0 ? -1 : bytes.indexOf(0, space);
    const end = zero + 1 + format.idBytes;
    if (zero < 0 || end > bytes.length) throw corruptGitError(what, "it ends inside an entry");
    const name = decodeName(bytes.subarray(space + 1, zero));
    const mode = latin1.decode(bytes.subarray(at, space));
    if (!isSafeName(name))
      throw corruptGitError(what, `${JSON.stringify(name)} cannot be the name of a file`);
    if (names.has(name)) throw corruptGitError(what, `it has two entries named ${JSON.stringify(name)}`);
    names.add(name);
    const kind = kindOf(mode);
    if (kind === undefined)
      throw corruptGitError(what, `${JSON.stringify(name)} has the unknown mode ${JSON.stringify(mode)}`);
    yield { name, kind, id: toHex(bytes.subarray(zero + 1, end)) };
    at = end;
  }
}

/** The kind for a mode: the modes that git writes, and old ones that it still reads. */
function kindOf(mode: string): TreeEntry["kind"] | undefined {
  if (!/^0*[0-7]{5,6}$/.test(mode)) return undefined;
  const bits = Number.parseInt(mode, 8);
  switch (bits >> 12) {
    case 0o10:
      return bits & 0o100 ? "executable" : "file";
    case 0o12:
      return "symlink";
    case 0o04:
      return "dir";
    case 0o16:
      return "module";
    default:
      return undefined;
  }
}

function isSafeName(name: string): boolean {
  if (name === "" || name === "." || name === ".." || name.includes("/")) return false;
  return name.toLowerCase() !== ".git";
}

/** Headers up to the first empty line. Of a repeated header the first counts; continuation lines are skipped. */
function readHeaders(bytes: Uint8Array): Map<string, string> {
  const headers = new Map<string, string>();
  let at = 0;
  while (at < bytes.length) {
    const newline = bytes.indexOf(0x0a, at);
    const end = newline < 0 ? bytes.length : newline;
    if (end === at) break;
    const line = latin1.decode(bytes.subarray(at, end));
    const space = line.indexOf(" ");
    if (space > 0 && !headers.has(line.slice(0, space)))
      headers.set(line.slice(0, space), line.slice(space + 1));
    at = end + 1;
  }
  return headers;
}
