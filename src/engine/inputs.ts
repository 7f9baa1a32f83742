import type { BuildInputs } from "../../schemas/build.ts";
import type { BuildOptions } from "../../schemas/options.ts";
import { type ContextSelection, contextView } from "../context/context-view.ts";
import { MAX_DOCKERFILE } from "../dockerfile/parse.ts";
import { PatternError } from "../dockerignore/pattern-error.ts";
import { readIgnoreFile } from "../dockerignore/read.ts";
import type { EntryTable } from "../rootfs/entry-table.ts";
import { resolvePath, TooManyLinksError } from "../rootfs/resolve.ts";
import type { Node, Tree } from "../rootfs/tree.ts";
import { collect } from "../streams/collect.ts";
import { sha256Hex } from "../streams/sha256.ts";
import { spend } from "../streams/turns.ts";
import { BuildError } from "./errors.ts";

/** The inputs that a client submits. */
export interface SubmittedInputs {
  context: { digest: string; tree: Tree };
  /** Text of the Dockerfile; undefined to read it from the context. */
  dockerfile: string | undefined;
  /** Text of the ignore file; undefined to read it from the context. Sent by clients that have already applied it. */
  ignore?: string | undefined;
}

/** The default name. As in BuildKit, the same name in lower case is also found. */
const DEFAULT_NAME = "Dockerfile";
/** Maximum number of similar file names in the hint for a missing Dockerfile. */
const MAX_SIMILAR = 5;
/** Cost of examining an entry. */
const ENTRY = 2048;

/**
 * Everything that determines the result of a build, except the digests of its images, which `planBuild` resolves.
 * @throws {BuildError} `dockerfile-missing`
 */
export async function readInputs(
  { context, dockerfile, ignore }: SubmittedInputs,
  options: BuildOptions,
): Promise<BuildInputs> {
  const name = options.dockerfile;
  return {
    dockerfile: dockerfile ?? (await readDockerfileText(context.tree, name)),
    dockerfileName: name,
    ignore: ignore === undefined ? await readIgnorePatterns(context.tree, name) : ignoreLines(ignore),
    context: context.digest,
    options,
    images: {},
  };
}

/** The id of a build: equal inputs have equal ids. @param inputs of a planned build */
export function buildId(inputs: BuildInputs): string {
  const { options, ...rest } = inputs;
  const sorted = {
    ...options,
    buildArgs: sortedEntries(options.buildArgs),
    labels: sortedEntries(options.labels),
    annotations: sortedEntries(options.annotations),
    contexts: sortedEntries(options.contexts),
  };
  return sha256Hex(JSON.stringify([rest, sorted]));
}

/** Digests of all uploaded contexts of a build. */
export function contextDigests({ context, options }: BuildInputs): string[] {
  return [context, ...Object.values(options.contexts).filter((source) => source.startsWith("sha256:"))];
}

function sortedEntries(map: Record<string, string>): [string, string][] {
  return Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));
}

async function readDockerfileText(tree: Tree, name: string): Promise<string> {
  const text = await readText(tree, name);
  if (text !== undefined) return text;
  if (name === DEFAULT_NAME) {
    const lowerCase = await readText(tree, DEFAULT_NAME.toLowerCase());
    if (lowerCase !== undefined) return lowerCase;
  }
  const similar: string[] = [];
  for (const { path } of tree.walk("")) {
    const turn = spend(ENTRY);
    if (turn !== undefined) await turn;
    if (
      path
        .slice(path.lastIndexOf("/") + 1)
        .toLowerCase()
        .includes("dockerfile")
    )
      similar.push(path);
    if (similar.length === MAX_SIMILAR) break;
  }
  throw new BuildError(
    "dockerfile-missing",
    `failed to read dockerfile: open ${name}: no such file or directory`,
    {
      hint:
        similar.length > 0
          ? `The context has ${similar.join(", ")}: set the option dockerfile.`
          : "The context has no Dockerfile: is it the right folder?",
    },
  );
}

/** Paths of the possible ignore files of a context. The first existing file applies, even when empty. */
export function ignoreFilesOf(dockerfile?: string): string[] {
  return [...(dockerfile === undefined ? [] : [`${dockerfile}.dockerignore`]), ".dockerignore"];
}

/** Reads the lines of the ignore file of a context. */
export async function readIgnorePatterns(tree: Tree, dockerfile?: string): Promise<string[]> {
  for (const path of ignoreFilesOf(dockerfile)) {
    const text = await readText(tree, path);
    if (text !== undefined) return ignoreLines(text);
  }
  return [];
}

/** @throws {BuildError} `context-invalid` for a file with too many patterns */
function ignoreLines(text: string): string[] {
  try {
    return readIgnoreFile(text);
  } catch (error) {
    throw asBuildError(error);
  }
}

/**
 * The selected entries of a context.
 * @throws {BuildError} `context-invalid` when comparing the patterns with the files takes too long
 */
export async function visibleFiles(tree: EntryTable, selection: ContextSelection): Promise<EntryTable> {
  try {
    return await contextView(tree, selection);
  } catch (error) {
    throw asBuildError(error);
  }
}

/** Converts an error of an ignore file to a BuildError; returns any other error unchanged. */
export function asBuildError(error: unknown): unknown {
  if (!(error instanceof PatternError)) return error;
  return new BuildError("context-invalid", error.message, {
    cause: error,
    hint: "Use fewer patterns: a pattern for a directory includes everything below it.",
  });
}

async function readText(tree: Tree, name: string): Promise<string | undefined> {
  const node = follow(tree, name);
  const file = node?.type === "hardlink" ? tree.lookup(node.linkname ?? "") : node;
  if (file?.type !== "file") return undefined;
  return new TextDecoder().decode(await readSmall(tree, file, name));
}

/** @throws {BuildError} `context-invalid` */
function follow(tree: Tree, name: string): Node | undefined {
  try {
    return resolvePath(tree, name, { followLast: true }).node;
  } catch (error) {
    if (!(error instanceof TooManyLinksError)) throw error;
    throw new BuildError("context-invalid", `Cannot read "${name}": too many levels of symbolic links`);
  }
}

async function readSmall(tree: Tree, file: Node, name: string): Promise<Uint8Array> {
  if (file.size > MAX_DOCKERFILE) {
    throw new BuildError(
      "context-invalid",
      `Cannot read "${name}": it has ${file.size} bytes, more than ${MAX_DOCKERFILE}`,
    );
  }
  return collect(tree.read(file), MAX_DOCKERFILE);
}
