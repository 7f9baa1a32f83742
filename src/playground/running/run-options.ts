import type { ContainerMountRequest, ContainerRequest } from "../../../schemas/containers.ts";
import { cleanPath } from "../../dockerignore/clean-path.ts";

/** The values of the form for a container. */
export interface RunForm {
  command: string;
  entrypoint: string;
  /** `NAME=value`, one per line. */
  env: string;
  user: string;
  /** In the syntax of docker's `-v`, one per line: `volume:/path` or `./folder:/path`, optionally with `:ro`. */
  volumes: string;
  /** Paths, one per line. */
  tmpfs: string;
  readonly: boolean;
}

export const emptyForm: RunForm = {
  command: "",
  entrypoint: "",
  env: "",
  user: "",
  volumes: "",
  tmpfs: "",
  readonly: false,
};

export type RunRequest = Omit<ContainerRequest, "workspace" | "size" | "context">;

/** The first invalid line of the form. */
export interface FormFault {
  field: "command" | "env" | "volumes" | "tmpfs";
  line: string;
}

export function readForm(form: RunForm): { request: RunRequest } | { fault: FormFault } {
  const command = splitWords(form.command);
  if (command === undefined) return { fault: { field: "command", line: form.command } };
  const env = linesOf(form.env);
  const badEnv = env.find((line) => !/^[^=]+=/.test(line));
  if (badEnv !== undefined) return { fault: { field: "env", line: badEnv } };
  const mounts: ContainerMountRequest[] = [];
  for (const line of linesOf(form.volumes)) {
    const mount = readVolumeFlag(line);
    if (mount === undefined) return { fault: { field: "volumes", line } };
    mounts.push(mount);
  }
  for (const target of linesOf(form.tmpfs)) {
    if (!isTarget(target)) return { fault: { field: "tmpfs", line: target } };
    mounts.push({ type: "tmpfs", target });
  }
  const user = form.user.trim();
  const entrypoint = form.entrypoint.trim();
  return {
    request: {
      command,
      ...(entrypoint !== "" && { entrypoint }),
      env,
      ...(user !== "" && { user }),
      mounts,
      readonly: form.readonly,
    },
  };
}

/** Returns the docker command for a request. @param image the image name for docker */
export function dockerLine(request: RunRequest, image: string): string {
  const { command, entrypoint, env, user, mounts, readonly } = request;
  return [
    "docker run --rm -it --network none",
    ...env.map((line) => `-e ${shellWord(line)}`),
    ...(user === undefined ? [] : [`-u ${shellWord(user)}`]),
    ...(readonly ? ["--read-only"] : []),
    ...mounts.map(mountFlag),
    ...(entrypoint === undefined ? [] : [`--entrypoint ${shellWord(entrypoint)}`]),
    image,
    ...command.map(shellWord),
  ].join(" ");
}

function mountFlag(mount: ContainerMountRequest): string {
  switch (mount.type) {
    case "tmpfs":
      return `--tmpfs ${shellWord(mount.target)}`;
    case "volume":
      return `-v ${shellWord(`${mount.name}:${mount.target}${mount.readonly ? ":ro" : ""}`)}`;
    case "bind": {
      const folder = mount.source === "" ? "" : `/${mount.source}`;
      return `-v "$PWD"${shellWord(`${folder}:${mount.target}${mount.readonly ? ":ro" : ""}`)}`;
    }
  }
}

/** Parses the value of docker's `-v`; undefined when it is invalid. */
export function readVolumeFlag(line: string): ContainerMountRequest | undefined {
  const [, source = "", target = "", mode] = /^([^:]+):([^:]+)(?::(ro|rw))?$/.exec(line) ?? [];
  if (!isTarget(target)) return undefined;
  const common = { target, readonly: mode === "ro" };
  if (source.startsWith(".")) {
    const path = cleanPath(source);
    if (path === ".." || path.startsWith("../")) return undefined;
    return { type: "bind", source: path === "." ? "" : path, ...common };
  }
  const isName = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,62}$/.test(source);
  return isName ? { type: "volume", name: source, ...common } : undefined;
}

/** Whether a path is a valid mount target. */
export function isTarget(path: string): boolean {
  return /^\/.*[^/]/.test(path);
}

function linesOf(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

/** Splits a command into words as a shell does; undefined when a quotation mark is not closed. */
export function splitWords(text: string): string[] | undefined {
  const words: string[] = [];
  let current: string | undefined;
  let quoted = "";
  for (let index = 0; index < text.length; index++) {
    const letter = text[index] as string;
    if (letter === "\\" && quoted !== "'" && index + 1 < text.length) {
      const next = text[++index] as string;
      current = (current ?? "") + (quoted === '"' && !/["\\$`]/.test(next) ? `\\${next}` : next);
    } else if (quoted !== "") {
      if (letter === quoted) quoted = "";
      else current += letter;
    } else if (letter === "'" || letter === '"') {
      quoted = letter;
      current ??= "";
    } else if (/\s/.test(letter)) {
      if (current !== undefined) words.push(current);
      current = undefined;
    } else {
      current = (current ?? "") + letter;
    }
  }
  if (quoted !== "") return undefined;
  return current === undefined ? words : [...words, current];
}

/** Quotes a text for a shell if necessary. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
