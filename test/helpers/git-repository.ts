import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A file of a repository: its text, or an entry of another type. */
type RepositoryFile = string | { content?: string; base64?: string; mode?: string } | { symlink: string };

export interface RepositoryCommit {
  /** Files to write, in addition to those of earlier commits. */
  files: Record<string, RepositoryFile>;
  msg?: string;
  tag?: string;
}

/** Commits are 100 seconds apart. */
const FIRST_COMMIT = 1_700_000_000;

/** Runs git in a folder, without this machine's settings, and returns its output. */
export function git(folder: string, args: readonly string[], env: Record<string, string> = {}): string {
  return execFileSync("git", args, {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_AUTHOR_NAME: "test",
      GIT_AUTHOR_EMAIL: "t@e",
      GIT_COMMITTER_NAME: "test",
      GIT_COMMITTER_EMAIL: "t@e",
      ...env,
    },
  }).trim();
}

/** Makes a repository with these commits on `branch` at `folder`. Returns the id of the last one. */
export function makeRepository(
  folder: string,
  commits: readonly RepositoryCommit[],
  options: { branch?: string; format?: "sha1" | "sha256" } = {},
): string {
  mkdirSync(folder, { recursive: true });
  git(folder, [
    "init",
    "-q",
    "-b",
    options.branch ?? "master",
    `--object-format=${options.format ?? "sha1"}`,
  ]);
  for (const [index, { files, msg = "", tag }] of commits.entries()) {
    for (const [path, file] of Object.entries(files)) writeRepositoryFile(join(folder, path), file);
    git(folder, ["add", "-A"]);
    const date = `${FIRST_COMMIT + index * 100} +0000`;
    const dates = { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
    git(folder, ["commit", "-q", "--allow-empty", "--allow-empty-message", "-m", msg], dates);
    if (tag !== undefined) git(folder, ["tag", tag]);
  }
  return commits.length === 0 ? "" : git(folder, ["rev-parse", "HEAD"]);
}

function writeRepositoryFile(path: string, file: RepositoryFile): void {
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
  if (typeof file === "string") writeFileSync(path, file);
  else if ("symlink" in file) symlinkSync(file.symlink, path);
  else {
    const bytes =
      file.base64 === undefined ? Buffer.from(file.content ?? "") : Buffer.from(file.base64, "base64");
    writeFileSync(path, bytes);
    if (file.mode !== undefined) chmodSync(path, Number.parseInt(file.mode, 8));
  }
}
