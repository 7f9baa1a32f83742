import { readdirSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { type BuildRequest, type RunningBuild, ServiceError } from "../../client/service.ts";
import { readIgnoreFile } from "../../dockerignore/read.ts";
import { suggestPath } from "../../engine/keys/similar-path.ts";
import { fileReason } from "../../runner/files/file-reason.ts";
import type { BuildTools } from "../build/build-tools.ts";
import { requestBuild } from "../build/request-build.ts";
import { CommandError } from "../command-error.ts";
import { readTextIfExists, standardInput } from "../read-text.ts";
import { type FileTexts, LocalInputs } from "./build-inputs.ts";
import { type ContextFolder, FolderContexts } from "./folder-contexts.ts";

/** Whether the context is a folder of this machine, rather than a URL, an archive or stdin. */
export function isFolder(path: string): boolean {
  try {
    return path !== "-" && statSync(path).isDirectory();
  } catch {
    return false;
  }
}

interface FolderBuildOptions {
  /** The folder will not exist for another build, and the Dockerfile is named relative to it. */
  isTemporary?: boolean;
  /** Further folders that the build reads. */
  named?: readonly ContextFolder[];
  /** Receives the inputs of the build on this machine, when it has started or failed to start. */
  onInputs?: ((inputs: LocalInputs) => void) | undefined;
}

/** Starts a build from a folder. */
export async function beginFolder(
  path: string,
  tools: BuildTools,
  { isTemporary = false, named = [], onInputs }: FolderBuildOptions = {},
): Promise<RunningBuild> {
  const folder = realFolder(path);
  const { flags } = tools;
  const file =
    isTemporary && flags.file !== undefined && flags.file !== "-" ? join(folder, flags.file) : flags.file;
  const texts: FileTexts = new Map(named.map(({ ignoreFile }) => [ignoreFile.path, ignoreFile.text]));
  let contexts: FolderContexts | undefined;
  let isFailed = true;
  try {
    const { text, name, ignore } = await readLocalDockerfile(folder, file, texts, tools.service.signal);
    const use = isTemporary ? undefined : name;
    const main = { name: "", path: folder, ignore: readIgnoreFile(ignore), use };
    contexts = new FolderContexts([main, ...named], tools.service.signal);
    const options = { ...flags.options, dockerfile: name };
    const running = await beginBuild({ dockerfile: text, ignore, options }, contexts, tools);
    isFailed = false;
    return running;
  } catch (error) {
    if (error instanceof ServiceError) {
      await suggestPath(error.problem, (directory) => namesIn(folder, directory));
    }
    throw error;
  } finally {
    // The build runs meanwhile.
    contexts?.remember();
    if (onInputs !== undefined) {
      contexts?.selectUnknown(isFailed);
      onInputs(new LocalInputs(contexts, texts));
    }
  }
}

/** @throws {CommandError} */
function realFolder(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    throw new CommandError(`Cannot read the context ${JSON.stringify(path)}: ${fileReason(error)}`);
  }
}

/** Times that the server may require other paths: an image that is a base may be replaced meanwhile. */
const MAX_SELECTIONS = 5;

async function beginBuild(
  inputs: Omit<BuildRequest, "context">,
  contexts: FolderContexts,
  tools: BuildTools,
): Promise<RunningBuild> {
  for (let round = 1; ; round++) {
    try {
      return await beginSelected(inputs, contexts, tools);
    } catch (error) {
      const required =
        codeOf(error) === "context-incomplete" ? (error as ServiceError).problem.required : undefined;
      if (required === undefined || round === MAX_SELECTIONS) throw error;
      contexts.select(required);
    }
  }
}

/** Contexts that may be stored are sent only when the server does not have them. */
async function beginSelected(
  { options, ...inputs }: Omit<BuildRequest, "context">,
  contexts: FolderContexts,
  tools: BuildTools,
): Promise<RunningBuild> {
  const build = () =>
    requestBuild(
      {
        ...inputs,
        context: contexts.mainDigest,
        selected: contexts.selected,
        options: { ...options, contexts: { ...options.contexts, ...contexts.namedDigests } },
      },
      tools,
    );
  await contexts.read();
  if (contexts.mayBeStored) {
    try {
      return await build();
    } catch (error) {
      if (codeOf(error) !== "context-unknown") throw error;
    }
  }
  await contexts.send(tools);
  return build();
}

function namesIn(folder: string, directory: string): string[] {
  try {
    return readdirSync(join(folder, directory));
  } catch {
    return [];
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof ServiceError ? error.problem.code : undefined;
}

/**
 * The Dockerfile, the name by which the server knows it, and the ignore file that goes with it.
 * @param texts receives the contents of the files that were read or are missing
 * @param signal ends waiting for standard input
 */
export async function readLocalDockerfile(
  folder: string,
  file: string | undefined,
  texts: FileTexts = new Map(),
  signal?: AbortSignal,
) {
  const readAndRemember = (path: string) => {
    // An unreadable file counts as missing, so that it is a change when it becomes readable.
    texts.set(path, undefined);
    const text = readTextIfExists(path);
    texts.set(path, text);
    return text;
  };
  if (file === "-") {
    const { text } = await import("node:stream/consumers");
    const ignore = readAndRemember(join(folder, ".dockerignore")) ?? "";
    return { text: await text(standardInput(signal)), name: "Dockerfile", ignore };
  }
  const path = file === undefined ? join(folder, "Dockerfile") : resolve(file);
  const text =
    readAndRemember(path) ?? (file === undefined ? readAndRemember(join(folder, "dockerfile")) : undefined);
  if (text === undefined) {
    throw new CommandError(
      `failed to read dockerfile: open ${file ?? "Dockerfile"}: no such file or directory`,
      "Set its path with -f, relative to the working directory.",
    );
  }
  const ignore =
    readAndRemember(`${path}.dockerignore`) ?? readAndRemember(join(folder, ".dockerignore")) ?? "";
  return { text, name: nameIn(folder, path), ignore };
}

/** The path in the context; for a file outside the context its last name. */
function nameIn(folder: string, path: string): string {
  const inside = relative(folder, join(realpathSync(dirname(path)), basename(path)));
  if (inside.startsWith("..") || isAbsolute(inside)) return basename(path);
  return inside.split(sep).join("/");
}
