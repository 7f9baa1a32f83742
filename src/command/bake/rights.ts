import { existsSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve, sep } from "node:path";
import { isRemoteContext } from "../../bake/read.ts";
import { CommandError } from "../command-error.ts";
import { readPlace } from "../contexts/oci-layout-place.ts";
import type { BuildFlags } from "../flags/build-flags.ts";

/**
 * Rights of bake files beyond building the files of the working directory: `network.host`, `security.insecure`, `ssh`,
 * `fs.read=PATH`, `fs.write=PATH`, or `fs=PATH` for both. The path `*` stands for all paths. As in buildx, only the caller
 * grants these rights, because files may be from elsewhere.
 */
export class BakeRights {
  readonly #granted: ReadonlySet<string>;
  /** Real paths of files that may be read and written. */
  readonly #paths: Readonly<Record<"read" | "write", readonly string[]>>;

  /** @param granted values of `--allow` */
  constructor(granted: readonly string[]) {
    this.#granted = new Set(granted);
    const pathsFor = (kind: "read" | "write") => [
      realPath("."),
      ...granted.flatMap((right) => {
        const [, path] = new RegExp(`^fs(?:\\.${kind})?(?:=(.*))?$`, "s").exec(right) ?? [];
        if (path === undefined) return right === "fs" || right === `fs.${kind}` ? [sep] : [];
        return [path === "*" ? sep : realPath(path)];
      }),
    ];
    this.#paths = { read: pathsFor("read"), write: pathsFor("write") };
  }

  /** Those that RUN may use, as `varve build --allow` has them. */
  get ofSteps(): string[] {
    return [...this.#granted].filter((right) => right !== "ssh" && !/^fs(?:\.|=|$)/.test(right));
  }

  mayRead(path: string): boolean {
    return this.#may("read", path);
  }

  /**
   * Rights that a target needs and does not have.
   * @param flags of the target, as `varve build` has them
   * @param inlineFile the file of an inline Dockerfile, which this program has written
   */
  missing(flags: BuildFlags, inlineFile: string | undefined): string[] {
    const { context, file, namedContexts, secrets, ssh, outputs, options } = flags;
    const reads = [
      ...(isLocal(context)
        ? [context, ...(file === inlineFile ? [] : [file ?? join(context, "Dockerfile")])]
        : []),
      ...Object.values(namedContexts).flatMap(pathOfContext),
      ...secrets.flatMap(({ id, env, file: source }) => (env === undefined ? [source ?? id] : [])),
      ...ssh.flatMap(({ paths }) => paths),
    ];
    const writes = outputs.flatMap((output) =>
      "dest" in output && output.dest !== "-" ? [output.dest] : [],
    );
    return [
      ...(options.allow ?? []).filter((right) => !this.#granted.has(right)),
      ...(ssh.length > 0 && !this.#granted.has("ssh") ? ["ssh"] : []),
      ...reads.filter((path) => !this.#may("read", path)).map((path) => `fs.read=${realPath(path)}`),
      ...writes.filter((path) => !this.#may("write", path)).map((path) => `fs.write=${realPath(path)}`),
    ];
  }

  #may(kind: "read" | "write", path: string): boolean {
    const real = realPath(path);
    return this.#paths[kind].some(
      (allowed) => real === allowed || real.startsWith(allowed.endsWith(sep) ? allowed : allowed + sep),
    );
  }
}

/** @throws {CommandError} when a right is missing */
export function requireRights(missing: ReadonlyMap<string, readonly string[]>): void {
  const lines = [...missing].filter(([, rights]) => rights.length > 0);
  if (lines.length === 0) return;
  const all = [...new Set(lines.flatMap(([, rights]) => rights))];
  throw new CommandError(
    lines.map(([name, rights]) => `target ${name} requires rights: ${rights.join(", ")}`).join("; "),
    `If you trust the files, allow it: varve bake ${all.map((right) => `--allow ${right}`).join(" ")}`,
  );
}

/** The path of a named context; none for what is elsewhere. */
function pathOfContext(source: string): string[] {
  const layout = "oci-layout://";
  if (source.startsWith(layout)) return [readPlace(source.slice(layout.length)).path];
  return !source.startsWith("docker-image://") && isLocal(source) ? [source] : [];
}

/** A path that is also a URL is that of a file, when there is one. */
function isLocal(context: string): boolean {
  return existsSync(context) || !isRemoteContext(context);
}

/** An absolute path without symbolic links, as far as it exists. */
function realPath(path: string): string {
  const absolute = resolve(path);
  try {
    return realpathSync(absolute);
  } catch {
    const parent = dirname(absolute);
    return parent === absolute ? absolute : join(realPath(parent), basename(absolute));
  }
}
