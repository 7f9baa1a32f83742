import {
  createReadStream,
  existsSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative, resolve } from "node:path";
import { CommandError, UsageError } from "../../command/command-error.ts";
import { fetchBody } from "../../command/contexts/fetch-context.ts";
import { decompress } from "../../compression/decompress.ts";
import type { GitReference } from "../../dockerfile/git-reference.ts";
import { maskUrl } from "../../engine/url-credentials.ts";
import { checkout } from "../../machine/git-checkout.ts";
import { unpackFolder } from "../../machine/unpack-folder.ts";
import { fileReason } from "../../runner/files/file-reason.ts";
import { chunks } from "../../streams/chunks.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** A build context as a folder of this machine, and the Dockerfile that belongs to it. */
export interface ContextSource extends AsyncDisposable {
  folder: string;
  /** As `--file` has it: relative to the working directory, or to a temporary folder. */
  file: string;
  /** The folder is deleted on disposal. */
  isTemporary: boolean;
}

interface ContextFlags {
  context: string | undefined;
  bucket: string | undefined;
  subPath: string | undefined;
  dockerfile: string | undefined;
  /** `NAME=VALUE` of `--git`. */
  git: readonly string[];
  /** A git context keeps its folder `.git`. */
  keepsGit: boolean;
}

/**
 * Fetches or unpacks the context of kaniko's flags.
 * @param environment for GIT_TOKEN, GIT_USERNAME, GIT_PASSWORD and GIT_PULL_METHOD
 * @throws {CommandError}
 */
export async function openKanikoContext(
  flags: ContextFlags,
  environment: Environment,
): Promise<ContextSource> {
  await using temporary = new TemporaryFolders();
  const root = await openRoot(flags, environment, temporary);
  const folder = flags.subPath === undefined ? root : join(root, flags.subPath);
  if (!isFolder(folder))
    throw new CommandError(`Cannot read the context: ${folder} is not a folder`, "Set --context.");
  const dockerfile = await findDockerfile(flags.dockerfile, folder, temporary);
  const isTemporary = temporary.contains(folder);
  const owned = temporary.move();
  return {
    folder,
    file: isTemporary ? relative(realpathSync(folder), dockerfile) : dockerfile,
    isTemporary,
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  };
}

/** Folders that are deleted together. */
class TemporaryFolders implements AsyncDisposable {
  #removals: (() => void)[] = [];
  #folders: string[] = [];

  make(): string {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), "varve-kaniko-")));
    this.add(folder, () => rmSync(folder, { recursive: true, force: true }));
    return folder;
  }

  add(folder: string, remove: () => void): void {
    this.#folders.push(folder);
    this.#removals.push(remove);
  }

  contains(path: string): boolean {
    return this.#folders.some((folder) => path.startsWith(folder));
  }

  /** Transfers the folders to a new owner. */
  move(): TemporaryFolders {
    const other = new TemporaryFolders();
    other.#removals = this.#removals;
    other.#folders = this.#folders;
    this.#removals = [];
    this.#folders = [];
    return other;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const remove of this.#removals) remove();
  }
}

async function openRoot(
  flags: ContextFlags,
  environment: Environment,
  temporary: TemporaryFolders,
): Promise<string> {
  const source = flags.bucket ?? flags.context ?? "/workspace/";
  if (flags.bucket !== undefined && !source.includes("://")) throw bucketError(`gs://${source}`);
  const [, scheme, rest = ""] = /^([a-z0-9]+):\/\/(.*)$/s.exec(source) ?? [];
  switch (scheme) {
    case undefined:
      return source;
    case "dir":
      return rest;
    case "tar":
      return unpack(rest === "stdin" ? readStdin() : createReadStream(rest), source, temporary);
    case "http":
    case "https":
      return unpack(chunks(await fetchBody(source, "Cannot fetch")), maskUrl(source), temporary);
    case "git": {
      const files = await checkout(readGit(rest, flags.git, environment), flags);
      temporary.add(files.folder, () => files[Symbol.dispose]());
      return files.folder;
    }
    case "gs":
    case "s3":
      throw bucketError(source);
    default:
      throw new UsageError(
        `unknown kind of context: ${scheme}://`,
        "The context is a folder, dir://, tar://, git:// or https://.",
      );
  }
}

function bucketError(source: string): UsageError {
  return new UsageError(
    `varve cannot read the bucket of ${source}`,
    "Pass the object's presigned https:// URL as --context, or download it in an earlier step.",
  );
}

function readStdin(): AsyncIterable<Uint8Array> {
  if (process.stdin.isTTY)
    throw new UsageError(
      "tar://stdin reads an archive, but stdin is a terminal",
      "Pipe the archive into the command.",
    );
  return process.stdin;
}

async function unpack(
  source: AsyncIterable<Uint8Array>,
  name: string,
  temporary: TemporaryFolders,
): Promise<string> {
  const folder = temporary.make();
  try {
    const { body } = await decompress(source);
    await unpackFolder(body, folder);
  } catch (error) {
    const reason =
      (error as NodeJS.ErrnoException).code === undefined ? (error as Error).message : fileReason(error);
    throw new CommandError(`Cannot unpack the context ${name}: ${reason}`);
  }
  return folder;
}

/** A git context: `HOST/PATH[#REF[#COMMIT]]`. @throws {UsageError} */
export function readGit(text: string, options: readonly string[], environment: Environment): GitReference {
  const [path = "", ref = "", commit = ""] = text.split("#");
  const method = environment.GIT_PULL_METHOD === "http" ? "http" : "https";
  const remote = new URL(`${method}://${path}`);
  if (environment.GIT_TOKEN) remote.username = encodeURIComponent(environment.GIT_TOKEN);
  else if (environment.GIT_USERNAME || environment.GIT_PASSWORD) {
    remote.username = encodeURIComponent(environment.GIT_USERNAME ?? "");
    remote.password = encodeURIComponent(environment.GIT_PASSWORD ?? "");
  }
  const { branch, submodules } = readGitOptions(options);
  const chosen = commit || branch || ref;
  return {
    remote: remote.href,
    ...(chosen !== "" && { ref: chosen }),
    submodules,
    fetchByCommit: false,
    isLookalikeOfLocal: false,
  };
}

function readGitOptions(options: readonly string[]): { branch: string; submodules: boolean } {
  let branch = "";
  let submodules = false;
  for (const option of options) {
    const [name = "", value = ""] = option.split(/=(.*)/s, 2);
    switch (name) {
      case "branch":
        branch = value;
        break;
      case "recurse-submodules":
        submodules = isTrue(option, value);
        break;
      case "single-branch":
        // Only one commit is fetched anyway.
        break;
      case "insecure-skip-tls":
        if (isTrue(option, value))
          throw new UsageError(
            "--git insecure-skip-tls=true is not supported",
            "Set GIT_SSL_CAINFO to the certificate of the git server.",
          );
        break;
      default:
        throw new UsageError(
          `--git has no option ${JSON.stringify(option)}`,
          "Example: --git branch=main,recurse-submodules=true",
        );
    }
  }
  return { branch, submodules };
}

function isTrue(option: string, value: string): boolean {
  if (/^(1|t|true)$/i.test(value)) return true;
  if (/^(0|f|false)$/i.test(value)) return false;
  throw new UsageError(`--git ${option}: the value must be true or false`);
}

/** kaniko searches the working directory before the context. @returns the absolute path */
async function findDockerfile(
  given: string | undefined,
  folder: string,
  temporary: TemporaryFolders,
): Promise<string> {
  const name = given ?? "Dockerfile";
  if (/^https?:\/\//.test(name)) {
    const path = join(temporary.make(), "Dockerfile");
    writeFileSync(path, await new Response(await fetchBody(name, "Cannot fetch")).text());
    return path;
  }
  for (const path of [resolve(name), join(resolve(folder), name)]) {
    if (existsSync(path)) return join(realpathSync(dirname(path)), basename(path));
  }
  throw new CommandError(
    `Cannot find the Dockerfile ${JSON.stringify(name)}: it is neither in ${process.cwd()} nor in the context`,
    "Set --dockerfile to a path in the working directory or the context, or to a URL.",
  );
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
