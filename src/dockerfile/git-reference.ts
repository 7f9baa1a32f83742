import { cut } from "../streams/cut.ts";
import { decodeOrKeep } from "../streams/percent-encoding.ts";
import { pathInRoot } from "../tar/path.ts";
import { readBoolean } from "./boolean.ts";
import { quoteGo } from "./quote.ts";

/** A git repository as a source of ADD or as a build context. */
export interface GitReference {
  /** Address of the repository, without query and fragment. */
  remote: string;
  /** Commit, tag or branch; undefined for the repository's default. */
  ref?: string;
  /** Folder inside the repository. */
  subdir?: string;
  /** The commit that `ref` must resolve to. */
  checksum?: string;
  keepGitDir?: boolean;
  submodules?: boolean;
  /** The source of modification times. */
  mtime?: "checkout" | "commit";
  /** Fetch `checksum` directly, without verifying that it is `ref`. */
  fetchByCommit: boolean;
  /** Whether it is `github.com/…` without a scheme: a repository as a build context, but a local path for ADD. */
  isLookalikeOfLocal: boolean;
}

/** The text names a git repository in an invalid way. */
export class GitReferenceError extends Error {
  override name = "GitReferenceError";
}

const scpForm = /^([a-zA-Z0-9-_]+@[a-zA-Z0-9-.]+:)([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s;
const urlForm = /^([a-zA-Z0-9]+):\/\/([^/?#]*)(\/[^?#]*)?(?:\?([^#]*))?(?:#(.*))?$/s;
const lookalike = "github.com/";

/** The parts of an address. */
interface Address {
  remote: string;
  query: string;
  fragment: string;
}

/**
 * Parses the address of a git repository: `ssh:`, `git:` and `user@host:path` always, `http:` and `https:` when the
 * path ends in `.git`, and `github.com/…`. Undefined for anything else (a path, a plain URL).
 * @throws {GitReferenceError} for unknown or contradicting options
 */
export function parseGitReference(text: string): GitReference | undefined {
  const address = readAddress(text);
  if (address === undefined) return undefined;
  const { remote, query, fragment } = address;
  const [ref, subdir] = cut(fragment, ":");
  const reference: GitReference = {
    remote,
    fetchByCommit: false,
    isLookalikeOfLocal: text.startsWith(lookalike),
  };
  if (ref !== "") reference.ref = ref;
  const folder = pathInRoot(subdir ?? "");
  if (folder !== "") reference.subdir = folder;
  applyQuery(reference, query);
  return reference;
}

function readAddress(text: string): Address | undefined {
  if (text.startsWith("./") || text.startsWith("../") || /\p{Cc}/u.test(text)) return undefined;
  if (text.startsWith(lookalike)) {
    const match = urlForm.exec(`https://${text}`);
    if (!match || hasBadEscape(text.split("?", 1)[0] as string)) return undefined;
    const [, , host = "", path = "", query = "", fragment = ""] = match;
    return { remote: host + escapePath(path), query, fragment: decodeOrKeep(fragment) };
  }
  const url = urlForm.exec(text);
  if (url) return readUrl(url);
  const scp = scpForm.exec(text);
  if (!scp || hasBadEscape(scp[3] ?? "")) return undefined;
  const [, host = "", path = "", query = "", fragment = ""] = scp;
  return { remote: host + path, query, fragment };
}

function readUrl(match: RegExpExecArray): Address | undefined {
  const [, written = "", host = "", path = "", query = "", fragment = ""] = match;
  const scheme = written.toLowerCase();
  const isWeb = scheme === "http" || scheme === "https";
  if (!isWeb && scheme !== "ssh" && scheme !== "git") return undefined;
  if (isWeb && !decodeOrKeep(path).endsWith(".git")) return undefined;
  const remote = `${scheme}://${host}${escapePath(path)}`;
  const isNamed = host !== "" && !host.slice(host.indexOf("@") + 1).includes("%");
  if (!isNamed || !URL.canParse(remote) || hasBadEscape(host + path + fragment)) return undefined;
  return { remote, query, fragment: decodeOrKeep(fragment) };
}

/** The options in a query; each is allowed once. */
function applyQuery(reference: GitReference, query: string): void {
  const options = readQuery(query);
  const setRef = (value: string) => {
    if (reference.ref !== undefined && reference.ref !== value) {
      throw conflict("ref", reference.ref, value);
    }
    reference.ref = value;
  };
  const ref = options.get("ref");
  if (ref !== undefined) setRef(ref);
  const subdir = options.get("subdir");
  if (subdir !== undefined) {
    if (reference.subdir !== undefined && reference.subdir !== subdir) {
      throw conflict("subdir", reference.subdir, subdir);
    }
    reference.subdir = subdir;
  }
  const checksum = options.get("checksum") ?? options.get("commit");
  if (checksum !== undefined) reference.checksum = checksum;
  const keepGitDir = readSwitch(options, "keep-git-dir");
  if (keepGitDir !== undefined) reference.keepGitDir = keepGitDir;
  const submodules = readSwitch(options, "submodules");
  if (submodules !== undefined) reference.submodules = submodules;
  reference.fetchByCommit = readSwitch(options, "fetch-by-commit") ?? false;
  const mtime = options.get("mtime");
  if (mtime !== undefined) {
    if (mtime !== "checkout" && mtime !== "commit") {
      throw new GitReferenceError(`invalid mtime value: ${quoteGo(mtime)} (must be "checkout" or "commit")`);
    }
    reference.mtime = mtime;
  }
  const tag = options.get("tag");
  const branch = options.get("branch");
  if (tag !== undefined) setRef(qualifyRef("refs/tags/", tag));
  if (branch !== undefined) {
    if (tag !== undefined) throw new GitReferenceError("branch conflicts with tag");
    setRef(qualifyRef("refs/heads/", branch));
  }
}

const switches: ReadonlySet<string> = new Set(["submodules", "keep-git-dir", "fetch-by-commit"]);
const optionNames: ReadonlySet<string> = new Set([
  ...switches,
  "ref",
  "tag",
  "branch",
  "subdir",
  "checksum",
  "commit",
  "mtime",
]);

function readQuery(query: string): Map<string, string> {
  const options = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(`?${query}`)) {
    if (options.has(name)) throw new GitReferenceError(`query ${quoteGo(name)} has multiple values`);
    if (value === "" && !switches.has(name))
      throw new GitReferenceError(`query ${quoteGo(name)} has no value`);
    if (!optionNames.has(name)) throw new GitReferenceError(`unexpected query ${quoteGo(name)}`);
    options.set(name, value);
  }
  return options;
}

/** A boolean option, which is true without a value. */
function readSwitch(options: ReadonlyMap<string, string>, name: string): boolean | undefined {
  const value = options.get(name);
  if (value === undefined || value === "") return value === "" ? true : undefined;
  const answer = readBoolean(value);
  if (answer === undefined) throw new GitReferenceError(`invalid ${name} value: ${quoteGo(value)}`);
  return answer;
}

function conflict(what: string, first: string, second: string): GitReferenceError {
  return new GitReferenceError(`${what} conflicts: ${quoteGo(first)} vs ${quoteGo(second)}`);
}

function qualifyRef(prefix: string, name: string): string {
  return name.startsWith(prefix) ? name : prefix + name;
}

/** Percent-encodes characters that are not allowed in an address. */
function escapePath(path: string): string {
  return path.toWellFormed().replace(/[^!-~]|["<>\\^`{|}]/gu, encodeURIComponent);
}

/** A percent sign that is not part of an escape sequence. */
function hasBadEscape(text: string): boolean {
  return /%(?![0-9a-fA-F]{2})/.test(text);
}
