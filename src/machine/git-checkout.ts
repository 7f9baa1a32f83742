import { execFile } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import type { GitReference } from "../dockerfile/git-reference.ts";
import {
  joinCredentials,
  maskCredentials,
  type SplitUrl,
  splitCredentials,
} from "../engine/url-credentials.ts";
import { MachineError } from "./machine-error.ts";

/** The files of a commit, in a folder that is deleted on disposal. */
interface LocalCheckout extends Disposable {
  folder: string;
  /** Seconds since 1970. */
  commitTime: number;
}

/**
 * Checks out a commit with the git of this machine, and so with its credentials.
 * @throws {MachineError}
 */
export async function checkout(
  reference: GitReference,
  { keepsGit = false }: { keepsGit?: boolean } = {},
): Promise<LocalCheckout> {
  const { ref, subdir } = reference;
  const remote = splitCredentials(reference.remote);
  const root = realpathSync(mkdtempSync(join(tmpdir(), "varve-git-")));
  const remove = () => rmSync(root, { recursive: true, force: true });
  const git = (...args: string[]) => runGit(root, args, credentialsConfig(remote));
  try {
    await git("init", "--quiet");
    // The untrusted parts of a URL must not be read as options.
    await git("remote", "add", "--", "origin", remote.url);
    await fetchReference(git, ref || "HEAD");
    await git("checkout", "--quiet", "--force", "FETCH_HEAD");
    if (reference.submodules !== false)
      await git("submodule", "update", "--quiet", "--init", "--recursive", "--depth", "1");
    const commitTime = Number(await git("log", "-1", "--format=%ct"));
    if (!(reference.keepGitDir ?? keepsGit)) rmSync(join(root, ".git"), { recursive: true });
    return { folder: folderIn(root, subdir ?? ""), commitTime, [Symbol.dispose]: remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Time of the last commit of the repository that contains a folder, in seconds; undefined outside of a repository. */
export async function commitTime(folder: string): Promise<number | undefined> {
  try {
    return Number(await runGit(folder, ["log", "-1", "--format=%ct"]));
  } catch (error) {
    if (error instanceof MachineError) return undefined;
    throw error;
  }
}

type Git = (...args: string[]) => Promise<string>;

/**
 * Passes the credentials of a URL to git in its environment, so that they appear neither on its command line nor in a
 * `.git/config` that becomes part of the context.
 */
function credentialsConfig(remote: SplitUrl): Record<string, string> {
  if (remote.userinfo === undefined) return {};
  const url = URL.parse(remote.url);
  const site = url === null ? remote.url : `${url.protocol}//${url.host}/`;
  return {
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: `url.${joinCredentials({ ...remote, url: site })}.insteadOf`,
    GIT_CONFIG_VALUE_0: site,
  };
}

/**
 * Fetches only the commit where the server supports it; some servers allow only whole branches, or no commits by id.
 */
async function fetchReference(git: Git, ref: string): Promise<void> {
  const fetch = (...args: string[]) => git("fetch", "--quiet", ...args);
  try {
    await fetch("--depth", "1", "--end-of-options", "origin", ref);
  } catch (error) {
    const isCommit = /^[0-9a-f]{4,64}$/.test(ref);
    if (!isCommit && !/shallow|depth/.test((error as Error).message)) throw error;
    if (!isCommit) {
      await fetch("--end-of-options", "origin", ref);
      return;
    }
    await fetch("--tags", "origin", "+refs/heads/*:refs/remotes/origin/*");
    const commit = (await git("rev-parse", "--verify", "--end-of-options", `${ref}^{commit}`)).trim();
    await fetch(".", commit);
  }
}

/** @throws {MachineError} for a path that does not exist, or leaves the repository */
function folderIn(root: string, subdir: string): string {
  let folder: string;
  try {
    folder = realpathSync(join(root, subdir));
    if (!statSync(folder).isDirectory()) throw new Error("not a directory");
  } catch {
    throw new MachineError(`subdir not found: ${subdir}`);
  }
  if (folder !== root && !folder.startsWith(root + sep))
    throw new MachineError(`subdir leads out of the repository: ${subdir}`);
  return folder;
}

function runGit(
  folder: string,
  args: readonly string[],
  config: Record<string, string> = {},
): Promise<string> {
  const environment = { ...process.env, GIT_TERMINAL_PROMPT: "0", ...config };
  return new Promise((resolve, reject) => {
    execFile("git", ["-C", folder, ...args], { env: environment }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if ((error as NodeJS.ErrnoException).code === "ENOENT")
        reject(new MachineError("git is not installed on this machine"));
      else {
        const reason = maskCredentials(stderr.trim() || error.message);
        reject(new MachineError(`git ${args[0]} failed: ${reason}`));
      }
    });
  });
}
