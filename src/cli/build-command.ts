import { readFileSync, realpathSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { buffer } from "node:stream/consumers";
import type { BuildResult } from "../../schemas/events.ts";
import type { Problem } from "../../schemas/problem.ts";
import { type BuildRequest, type RunningBuild, Service, ServiceError } from "../client/service.ts";
import { detect } from "../compression/detect.ts";
import { readIgnoreFile } from "../dockerignore/read.ts";
import { FolderContext } from "../machine/local-context.ts";
import { sha256 } from "../streams/sha256.ts";
import { type BuildFlags, type ProgressKind, readBuildFlags } from "./build-flags.ts";
import { CommandError, problemText } from "./command-error.ts";
import { progressPrinter } from "./progress.ts";

/** `varve build`: prints the digest of the image; gives the exit code. */
export async function buildCommand(args: string[]): Promise<number> {
  const flags = readBuildFlags(args, process.env);
  const service = new Service(flags.server);
  const build = await begin(service, flags);
  const result = await follow(build, flags);
  if (result === undefined) return 1;
  const { descriptor, imageId } = result;
  if (flags.iidfile !== undefined) writeFileSync(flags.iidfile, imageId);
  process.stdout.write(`${flags.quiet ? imageId : descriptor.digest}\n`);
  return 0;
}

async function begin(service: Service, flags: BuildFlags): Promise<RunningBuild> {
  const { context, file, options } = flags;
  if (context !== "-") return beginFolder(service, flags);
  const input = await buffer(process.stdin);
  if (isArchive(input)) {
    return service.build({
      context: input,
      options: { ...options, ...(file !== undefined && { dockerfile: file }) },
    });
  }
  return service.build({ context: undefined, dockerfile: input.toString(), options });
}

async function beginFolder(service: Service, flags: BuildFlags): Promise<RunningBuild> {
  const folder = openFolder(flags.context);
  const { text, name, ignore } = await readDockerfile(folder, flags.file);
  const context = new FolderContext(folder, {
    ignore: readIgnoreFile(ignore),
    cache: cacheFile(folder, name),
  });
  const options = { ...flags.options, dockerfile: name };
  return beginBuild(service, { context: context.digest, dockerfile: text, ignore, options }, context, flags);
}

/** An unchanged context is most likely there, so it is built at once. Only when it is not, it is sent. */
async function beginBuild(
  service: Service,
  request: BuildRequest,
  context: FolderContext,
  flags: BuildFlags,
): Promise<RunningBuild> {
  if (!context.isChanged) {
    try {
      return await service.build(request);
    } catch (error) {
      if (!(error instanceof ServiceError) || error.problem.code !== "context-unknown") throw error;
    }
  }
  // Most builds have nothing to send, and loading what it takes costs them time.
  const { sendContext } = await import("./send-context.ts");
  await sendContext(service, context, flags);
  return service.build(request);
}

async function follow({ events }: RunningBuild, flags: BuildFlags): Promise<BuildResult | undefined> {
  const print = progressPrinter(flags.progress);
  for await (const event of events) {
    process.stderr.write(print(event));
    if (event.type === "result") return event;
    if (event.type === "error") process.stderr.write(errorEnd(event.problem, flags.progress));
  }
  return undefined;
}

/** What is still to be said of a problem. */
function errorEnd(problem: Problem, progress: ProgressKind): string {
  const { hint } = problem;
  if (progress !== "plain") return problemText(problem);
  return hint === undefined ? "" : `HINT: ${hint}\n`;
}

function openFolder(path: string): string {
  let isFolder: boolean;
  try {
    isFolder = statSync(path).isDirectory();
  } catch (error) {
    throw new CommandError(
      `unable to prepare context: path "${path}" cannot be read: ${(error as Error).message}`,
    );
  }
  if (isFolder) return realpathSync(path);
  throw new CommandError(`unable to prepare context: "${path}" is no folder`);
}

/** The Dockerfile, the name by which the server knows it, and the ignore file that goes with it. */
async function readDockerfile(folder: string, file: string | undefined) {
  if (file === "-") {
    const text = (await buffer(process.stdin)).toString();
    return { text, name: "Dockerfile", ignore: readIfThere(join(folder, ".dockerignore")) ?? "" };
  }
  const path = file === undefined ? join(folder, "Dockerfile") : resolve(file);
  const text = readIfThere(path);
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
    throw error;
  }
}

/** What is known of the folder, for each Dockerfile: those may have ignore files of their own. */
function cacheFile(folder: string, dockerfile: string): string {
  const caches = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  return join(
    caches,
    "varve",
    "contexts",
    sha256(JSON.stringify([folder, dockerfile])).slice("sha256:".length),
  );
}

/** POSIX tells a tar by these letters in its first header. */
const USTAR = 257;

function isArchive(input: Uint8Array): boolean {
  if (detect(input.subarray(0, 6)) !== "none") return true;
  return [..."ustar"].every((letter, i) => input[USTAR + i] === letter.charCodeAt(0));
}
