import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { temporaryFolder } from "../helpers/temporary-folder.ts";

const project = join(import.meta.dirname, "../..");

/** Creates a user and sets its ranges. Changes nothing for a user that has them, because other tests may be using it. */
const SET_UP = `
id "$1" >/dev/null 2>&1 || useradd --no-create-home "$1"
first=$((1000000 + $(id --user "$1") * 100000))
for kind in uid gid; do
  [ "$(grep "^$1:" /etc/sub$kind)" != "\${2:+$1:$first:65536}" ] || continue
  usermod --del-sub\${kind}s 0-4294967294 "$1" || true
  [ -z "$2" ] || usermod --add-sub\${kind}s "$first-$((first + 65535))" "$1"
done`;

/** A user of this machine other than root. Disposal deletes the folder. */
export interface OrdinaryUser extends Disposable {
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
  // Test files run at the same time, and useradd and usermod fail instead of waiting for their lock.
  execFileSync("flock", [join(tmpdir(), "varve-users.lock"), "sh", "-ec", SET_UP, "-", name, ids ? "1" : ""]);
  const temporary = temporaryFolder();
  const folder = temporary.path;
  const shown = join(folder, "project");
  mkdirSync(shown);
  execFileSync("chown", ["-R", name, folder]);
  chmodSync(folder, 0o755);
  const script =
    'mount --bind "$1" "$2" && cd / && user=$3 && program=$2/$4 && shift 4 && exec setpriv --reuid "$user" --regid "$user" --clear-groups -- "$NODE" "$program" "$@"';
  return {
    name,
    folder,
    [Symbol.dispose]: () => temporary[Symbol.dispose](),
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
