import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync } from "node:fs";
import { mkdtemp, realpath } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const project = join(import.meta.dirname, "../..");

/** A user of this machine other than root. */
export interface OrdinaryUser {
  name: string;
  /** The user's folder. */
  folder: string;
  /** Prefix of a command that runs a program of this project as the user. */
  command: string[];
}

/**
 * The user `name`, created if missing. With `ids`, it has ranges for the ids of containers (subuid(5)).
 * The project is mounted at a path that every user can read.
 */
export async function ordinaryUser(name: string, { ids }: { ids: boolean }): Promise<OrdinaryUser> {
  if (spawnSync("id", [name]).status !== 0) execFileSync("useradd", ["--no-create-home", name]);
  const uid = Number(execFileSync("id", ["--user", name], { encoding: "utf8" }));
  const first = 1_000_000 + uid * 100_000;
  const range = ids ? [`${first}-${first + 65_535}`] : ["0-4294967294"];
  for (const kind of ["uids", "gids"]) {
    spawnSync("usermod", [`--del-sub${kind}`, "0-4294967294", name]);
    if (ids) execFileSync("usermod", [`--add-sub${kind}`, ...range, name]);
  }
  const folder = await realpath(await mkdtemp(join(tmpdir(), "varve-user-")));
  const shown = join(folder, "project");
  mkdirSync(shown);
  execFileSync("chown", ["-R", name, folder]);
  chmodSync(folder, 0o755);
  const script =
    'mount --bind "$1" "$2" && cd / && user=$3 && program=$2/$4 && shift 4 && exec setpriv --reuid "$user" --regid "$user" --clear-groups -- "$NODE" "$program" "$@"';
  return {
    name,
    folder,
    command: [
      "unshare",
      "--mount",
      "env",
      "--ignore-environment",
      "PATH=/usr/bin:/bin",
      `HOME=${folder}`,
      `NODE=${node(shown)}`,
      "sh",
      "-c",
      script,
      "-",
      project,
      shown,
      name,
    ],
  };
}

/** The Node program at a path that every user can execute. */
function node(shown: string): string {
  return process.execPath.startsWith(`${project}/`)
    ? join(shown, process.execPath.slice(project.length))
    : process.execPath;
}
