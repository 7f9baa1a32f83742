import { execFile } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import type { GitReference } from "../dockerfile/git-reference.ts";

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
  const { remote, ref, subdir } = reference;
  const root = realpathSync(mkdtempSync(join(tmpdir(), "varve-git-")));
  const remove = () => rmSync(root, { recursive: true, force: true });
  try {
    await git(root, "init", "--quiet");
    // Nothing of these can be taken for an option: what a URL holds is not to be trusted.
    await git(root, "remote", "add", "--", "origin", remote);
    await fetchReference(root, ref || "HEAD");
    await git(root, "checkout", "--quiet", "--force", "FETCH_HEAD");
    if (reference.submodules !== false)
      await git(root, "submodule", "update", "--quiet", "--init", "--recursive", "--depth", "1");
    const commitTime = Number(await git(root, "log", "-1", "--format=%ct"));
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
    return Number(await git(folder, "log", "-1", "--format=%ct"));
  } catch (error) {
    if (error instanceof GitCommandError) return undefined;
    throw error;
  }
}

/** Only the commit, where the server can; some only give whole branches, and some no commits by their name. */
async function fetchReference(root: string, ref: string): Promise<void> {
  const fetch = (...args: string[]) => git(root, "fetch", "--quiet", ...args);
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
    const commit = (await git(root, "rev-parse", "--verify", "--end-of-options", `${ref}^{commit}`)).trim();
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

function git(folder: string, ...args: string[]): Promise<string> {
  const environment = { ...process.env, GIT_TERMINAL_PROMPT: "0" };
  return new Promise((resolve, reject) => {
    execFile("git", ["-C", folder, ...args], { env: environment }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if ((error as NodeJS.ErrnoException).code === "ENOENT")
        reject(new GitCommandError("git is not installed on this machine"));
      else reject(new GitCommandError(`git ${args[0]} failed: ${stderr.trim() || error.message}`));
    });
  });
}
