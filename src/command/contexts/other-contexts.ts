import { createReadStream, existsSync, statSync } from "node:fs";
import type { RunningBuild } from "../../client/service.ts";
import { DETECT_BYTES, detect } from "../../compression/detect.ts";
import { type GitReference, GitReferenceError, parseGitReference } from "../../dockerfile/git-reference.ts";
import { MAX_DOCKERFILE } from "../../dockerfile/parse.ts";
import { maskUrl } from "../../engine/url-credentials.ts";
import { chunks } from "../../streams/chunks.ts";
import { collect } from "../../streams/collect.ts";
import { readable } from "../../streams/readable.ts";
import type { BuildTools } from "../build/build-tools.ts";
import { ClientStep } from "../build/client-step.ts";
import { requestBuild } from "../build/request-build.ts";
import { CommandError, UsageError } from "../command-error.ts";
import { standardInput } from "../read-text.ts";
import { fetchBody } from "./fetch-context.ts";
import { beginFolder } from "./folder-build.ts";

/** Starts a build from a source that is not a folder: stdin, an archive, a git repository, a URL. */
export async function beginOther(tools: BuildTools): Promise<RunningBuild> {
  const { context } = tools.flags;
  if (context === "-") return beginBytes(() => standardInput(tools.service.signal), "stdin", tools);
  if (existsSync(context)) return beginFile(context, tools);
  const git = gitReference(context);
  if (git !== undefined) return beginGit(git, tools);
  if (/^https?:\/\//.test(context)) return beginUrl(context, tools);
  throw new CommandError(
    `unable to prepare context: path ${JSON.stringify(context)} not found`,
    "The context is a folder, a tar, - for stdin, or the URL of a git repository, a tar or a Dockerfile.",
  );
}

/** A repository by its URL; undefined for anything else. */
export function gitReference(text: string): GitReference | undefined {
  try {
    return parseGitReference(text);
  } catch (error) {
    if (error instanceof GitReferenceError) throw new UsageError(error.message);
    throw error;
  }
}

async function beginFile(path: string, tools: BuildTools): Promise<RunningBuild> {
  if (!statSync(path).isFile())
    throw new CommandError(`unable to prepare context: "${path}" is neither a folder nor a file`);
  return beginBytes(() => createReadStream(path), path, tools, { isArchive: true, isRepeatable: true });
}

async function beginGit(git: GitReference, tools: BuildTools): Promise<RunningBuild> {
  const { checkout } = await import("../../machine/git-checkout.ts");
  const step = new ClientStep(tools.progress, `[internal] load git source ${maskUrl(git.remote)}`);
  step.start();
  const keepsGit = tools.flags.options.buildArgs?.BUILDKIT_CONTEXT_KEEP_GIT_DIR === "1";
  using files = await checkout(git, { keepsGit });
  step.done();
  if (tools.flags.isEpochOfContext) tools.flags.options.sourceDateEpoch = files.commitTime;
  // The Dockerfile is named within the repository.
  return await beginFolder(files.folder, tools, { isTemporary: true });
}

async function beginUrl(url: string, tools: BuildTools): Promise<RunningBuild> {
  const body = await fetchBody(url, "failed to fetch remote context");
  return beginBytes(() => chunks(body), maskUrl(url), tools);
}

/**
 * Sends an archive to the server as it is read; anything else is the text of a Dockerfile.
 * @param open starts reading; called again for each further request of an archive that is repeatable
 */
async function beginBytes(
  open: () => AsyncIterable<Uint8Array>,
  name: string,
  tools: BuildTools,
  { isArchive = false, isRepeatable = false } = {},
): Promise<RunningBuild> {
  const { flags, progress } = tools;
  const { head, all } = await peek(open(), USTAR + 5);
  if (!looksLikeArchive(head)) {
    if (isArchive)
      throw new CommandError(`unable to prepare context: "${name}" is neither a folder nor a tar`);
    const dockerfile = new TextDecoder().decode(await collect(all, MAX_DOCKERFILE));
    return requestBuild({ context: undefined, dockerfile, ignore: "", options: flags.options }, tools);
  }
  const step = new ClientStep(progress, `[internal] load build context from ${name}`);
  step.start();
  const { file } = flags;
  const options = { ...flags.options, ...(file !== undefined && { dockerfile: file }) };
  let isFirst = true;
  const again = () => {
    const bytes = isFirst ? all : open();
    isFirst = false;
    return countBytes(bytes, step);
  };
  const context = isRepeatable ? again : countBytes(all, step);
  const build = await requestBuild({ context, options }, tools);
  step.done();
  return build;
}

function countBytes(bytes: AsyncIterable<Uint8Array>, step: ClientStep): ReadableStream<Uint8Array> {
  let sent = 0;
  const counting = async function* () {
    for await (const chunk of bytes) {
      sent += chunk.length;
      step.report("transferring context:", sent);
      yield chunk;
    }
  };
  return readable(counting());
}

/** The first bytes of a stream, at least so many if it has them, and all of it. */
async function peek(stream: AsyncIterable<Uint8Array>, atLeast: number) {
  const iterator = stream[Symbol.asyncIterator]();
  const first: Uint8Array[] = [];
  let length = 0;
  while (length < atLeast) {
    const { done, value } = await iterator.next();
    if (done) break;
    first.push(value);
    length += value.length;
  }
  const all = async function* () {
    yield* first;
    for (;;) {
      const { done, value } = await iterator.next();
      if (done) return;
      yield value;
    }
  };
  return { head: Buffer.concat(first), all: all() };
}

/** Magic of a POSIX tar in its first header. */
const USTAR = 257;

function looksLikeArchive(head: Uint8Array): boolean {
  if (detect(head.subarray(0, DETECT_BYTES)) !== "none") return true;
  return [..."ustar"].every((letter, i) => head[USTAR + i] === letter.charCodeAt(0));
}
