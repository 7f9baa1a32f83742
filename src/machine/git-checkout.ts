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

/** Files of a commit in a folder that is gone when disposed. */
export interface Checkout extends Disposable {
  folder: string;
  /** Seconds since 1970. */
  commitTime: number;
}

/** git said no. */
export class GitCommandError extends Error {
  override name = "GitCommandError";
}

/**
 * Checks out a commit with this machine's own git, and so with the credentials that it has.
 * @throws {GitCommandError}
 */
export async function checkout(
  reference: GitReference,
  { keepsGit = false }: { keepsGit?: boolean } = {},
): Promise<Checkout> {
  const { ref, subdir } = reference;
  const remote = splitCredentials(reference.remote);
  const root = realpathSync(mkdtempSync(join(tmpdir(), "varve-git-")));
  const remove = () => rmSync(root, { recursive: true, force: true });
  const git = (...args: string[]) => runGit(root, args, credentialsConfig(remote));
  try {
    await git("init", "--quiet");
    // Nothing of these can be taken for an option: what a URL holds is not to be trusted.
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

/** The time of the last commit of the repository that a folder lies in, in seconds; undefined outside of one. */
export async function commitTime(folder: string): Promise<number | undefined> {
  try {
    return Number(await runGit(folder, ["log", "-1", "--format=%ct"]));
  } catch (error) {
    if (error instanceof GitCommandError) return undefined;
    throw error;
  }
}

type Git = (...args: string[]) => Promise<string>;

/**
 * Settings with which git has the credentials of a URL: in its environment, so that they are neither in its command line
 * nor in a `.git/config` that becomes a part of the context.
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

/** Only the commit, where the server can; some only give whole branches, and some no commits by their name. */
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

/** @throws {GitCommandError} for what is not in the repository, or leads out of it */
function folderIn(root: string, subdir: string): string {
  let folder: string;
  try {
    folder = realpathSync(join(root, subdir));
    if (!statSync(folder).isDirectory()) throw new Error("not a directory");
  } catch {
    throw new GitCommandError(`subdir not found: ${subdir}`);
  }
  if (folder !== root && !folder.startsWith(root + sep))
    throw new GitCommandError(`subdir leads out of the repository: ${subdir}`);
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
        reject(new GitCommandError("git is not installed on this machine"));
      else {
        const reason = maskCredentials(stderr.trim() || error.message);
        reject(new GitCommandError(`git ${args[0]} failed: ${reason}`));
      }
    });
  });
}
