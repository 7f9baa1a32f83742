import { readFileSync, realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { type BuildRequest, type RunningBuild, ServiceError } from "../client/service.ts";
import { readIgnoreFile } from "../dockerignore/read.ts";
import { FolderContext } from "../machine/local-context.ts";
import { sha256 } from "../streams/sha256.ts";
import type { BuildTools } from "./build-tools.ts";
import { CommandError } from "./command-error.ts";

/** Whether the context is a folder of this machine, and not something else that can be named. */
export function isFolder(path: string): boolean {
  try {
    return path !== "-" && statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Begins a build from a folder. @param isTemporary it will not be seen again, and the Dockerfile is named in it */
export async function beginFolder(
  path: string,
  tools: BuildTools,
  { isTemporary = false } = {},
): Promise<RunningBuild> {
  const folder = realpathSync(path);
  const { flags } = tools;
  const file =
    isTemporary && flags.file !== undefined && flags.file !== "-" ? join(folder, flags.file) : flags.file;
  const { text, name, ignore } = await readDockerfile(folder, file);
  const context = new FolderContext(folder, {
    ignore: readIgnoreFile(ignore),
    cache: isTemporary ? undefined : cacheFile(folder, name),
  });
  const options = { ...flags.options, dockerfile: name };
  return beginBuild({ dockerfile: text, ignore, options }, context, tools);
}

/** An unchanged context is most likely there, so it is built at once. Only when it is not, it is sent. */
async function beginBuild(
  inputs: Omit<BuildRequest, "context">,
  context: FolderContext,
  tools: BuildTools,
): Promise<RunningBuild> {
  const { service } = tools;
  const build = () => service.build({ ...inputs, context: context.digest });
  try {
    if (!context.isChanged) {
      try {
        return await build();
      } catch (error) {
        if (!(error instanceof ServiceError) || error.problem.code !== "context-unknown") throw error;
      }
    }
    // Most builds have nothing to send, and loading what it takes costs them time.
    const { sendContext } = await import("./send-context.ts");
    await sendContext(context, "[internal] load build context", tools);
    return await build();
  } finally {
    // The server is at it meanwhile.
    context.remember();
  }
}

/** The Dockerfile, the name by which the server knows it, and the ignore file that goes with it. */
export async function readDockerfile(folder: string, file: string | undefined) {
  if (file === "-") {
    const { text } = await import("node:stream/consumers");
    const ignore = readIfThere(join(folder, ".dockerignore")) ?? "";
    return { text: await text(process.stdin), name: "Dockerfile", ignore };
  }
  const path = file === undefined ? join(folder, "Dockerfile") : resolve(file);
  const text =
    readIfThere(path) ?? (file === undefined ? readIfThere(join(folder, "dockerfile")) : undefined);
  if (text === undefined) {
    throw new CommandError(
      `failed to read dockerfile: open ${file ?? "Dockerfile"}: no such file or directory`,
      "Name it with -f: the path is relative to the working directory.",
    );
  }
  const ignore = readIfThere(`${path}.dockerignore`) ?? readIfThere(join(folder, ".dockerignore")) ?? "";
  return { text, name: nameIn(folder, path), ignore };
}

/** The path in the context; one that lies elsewhere is known by its last name. */
function nameIn(folder: string, path: string): string {
  const inside = relative(folder, join(realpathSync(dirname(path)), basename(path)));
  if (inside.startsWith("..") || isAbsolute(inside)) return basename(path);
  return inside.split(sep).join("/");
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new CommandError(`Cannot read ${path}: ${(error as Error).message}`);
  }
}

/** What is known of the folder, for each Dockerfile: those may have ignore files of their own. */
export function cacheFile(folder: string, dockerfile: string): string {
  const caches = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  return join(
    caches,
    "varve",
    "contexts",
    sha256(JSON.stringify([folder, dockerfile])).slice("sha256:".length),
  );
}
