import type { AddInstruction, CopyInstruction, Heredoc } from "../../../dockerfile/instruction.ts";
import { cleanPath } from "../../../dockerignore/clean-path.ts";
import { maskUrl } from "../../url-credentials.ts";
import { readChmod } from "../chmod.ts";
import { absolutePath, joinPath } from "../os-path.ts";
import { readOwner } from "../owner.ts";
import { PlanFault } from "../plan-error.ts";
import { remoteKind, remoteSource } from "../remote-source.ts";
import type { FileState, FilesSource, TransferSource } from "../step.ts";
import type { Evaluation } from "./evaluation.ts";

const context: FileState = { kind: "context" };

/** COPY: copies from the context, a stage, or an image. */
export function copy(instruction: CopyInstruction, evaluation: Evaluation): void {
  const [source] = evaluation.command.sources;
  const texts = expandTexts(instruction, evaluation);
  const from = source === undefined ? context : evaluation.planContext.filesOf(source);
  if (from === undefined) {
    const message =
      `cannot copy from stage "${instruction.from}", it needs to be defined before current stage ` +
      `"${evaluation.stageName}"`;
    throw new PlanFault("plan/stage-not-yet-defined", message).about(instruction.from ?? "");
  }
  transfer(evaluation, instruction, texts, (path) => {
    const remote = remoteKind(path);
    if (remote !== undefined) {
      const what = remote === "git" ? "git ref" : "URL";
      throw new PlanFault("plan/invalid-source", `source can't be a ${what} for COPY`).about(path);
    }
    return filesSource(
      path,
      { from, isContext: source === undefined, parents: instruction.parents, unpack: false },
      evaluation,
    );
  });
}

/** ADD: like COPY, and also downloads URLs, clones git repositories and unpacks archives. */
export function add(instruction: AddInstruction, evaluation: Evaluation): void {
  const checksum = evaluation.expand(instruction.checksum ?? "");
  const texts = expandTexts(instruction, evaluation);
  const flags = { ...instruction, checksum };
  const unpack = instruction.unpack ?? true;
  transfer(evaluation, instruction, texts, (path, paths) => {
    if (checksum && paths.length > 1) {
      throw new PlanFault("plan/invalid-source", "checksum can't be specified for multiple sources").about(
        instruction.checksum ?? "",
      );
    }
    const remote = remoteSource(path, flags);
    if (remote !== undefined) return remote;
    if (checksum) {
      throw new PlanFault("plan/invalid-source", "checksum requires HTTP(S) or Git sources").about(path);
    }
    return filesSource(path, { from: context, isContext: true, parents: false, unpack }, evaluation);
  });
}

/** The texts of COPY and ADD with variables expanded, in BuildKit's order. */
interface Texts {
  readonly chown: string;
  readonly chmod: string;
  readonly paths: readonly string[];
  readonly dest: string;
  readonly bodies: readonly string[];
}

function expandTexts(instruction: CopyInstruction | AddInstruction, evaluation: Evaluation): Texts {
  return {
    chown: evaluation.expand(instruction.chown ?? ""),
    chmod: evaluation.expand(instruction.chmod ?? ""),
    paths: instruction.sources.map((source) => evaluation.expand(source)),
    dest: evaluation.expand(instruction.dest),
    bodies: instruction.heredocs.map((body) => bodyOf(body, evaluation)),
  };
}

function bodyOf({ expand, content }: Heredoc, evaluation: Evaluation): string {
  return expand ? evaluation.expandBody(content) : content;
}

function transfer(
  evaluation: Evaluation,
  instruction: CopyInstruction | AddInstruction,
  { chown, chmod, paths, dest: written, bodies }: Texts,
  sourceOf: (path: string, paths: readonly string[]) => TransferSource,
): void {
  const { state } = evaluation;
  // The empty text and "." mean the directory itself, so files are written into it.
  const dest = absolutePath(
    state.workdir,
    written === "" || written === "." ? "./" : written,
    state.platform.os,
    true,
  );
  const mode = chmod === "" ? undefined : readChmod(chmod);
  const sources = paths.map((path) => sourceOf(path, paths));
  for (const [index, { name }] of instruction.heredocs.entries()) {
    sources.push({ kind: "inline", name, content: bodies[index] ?? "" });
  }
  // Names, history and explanations outlive the build, so passwords in URLs are masked.
  const shown = paths.map(maskUrl);
  const hasCredentials = shown.some((path, index) => path !== paths[index]);
  const text = [
    instruction.kind,
    ...(instruction.kind === "COPY" && instruction.parents ? ["--parents"] : []),
    ...(chown ? [`--chown=${chown}`] : []),
    ...(chmod ? [`--chmod=${chmod}`] : []),
    ...shown,
    ...instruction.heredocs.map(({ name }) => `<<${name}`),
    written,
  ].join(" ");
  const createdBy = `${text} # buildkit`;
  evaluation.addStep(
    {
      kind: instruction.kind === "COPY" ? "copy" : "add",
      parent: state.files,
      sources,
      dest: cleanPath(dest),
      destIsDirectory: /\/\.?$/.test(dest),
      ...(chown && { owner: readOwner(chown) }),
      ...(mode && { chmod: mode }),
      // Together with --chmod, BuildKit ignores --link.
      link: instruction.link && chmod === "",
      excludes: instruction.excludes,
    },
    {
      name: hasCredentials ? text : evaluation.nameOf(instruction.source),
      createdBy,
      ...(hasCredentials && { variables: [] }),
    },
  );
  state.image.history.addLayer(createdBy);
}

interface FilesOrigin {
  readonly from: FileState;
  /** Whether this is the build context, to which the ignore file applies. */
  readonly isContext: boolean;
  readonly parents: boolean;
  readonly unpack: boolean;
}

function filesSource(
  path: string,
  { from, isContext, parents, unpack }: FilesOrigin,
  evaluation: Evaluation,
): FilesSource {
  const { os } = evaluation.state.platform;
  const inRoot = (text: string): string => joinPath("/", absolutePath("/", text, os, false));
  if (isContext) warnIfIgnored(path, evaluation);
  if (!parents) return { kind: "files", from, path: inRoot(path), unpack };
  const pivot = path.indexOf("/./");
  return {
    kind: "files",
    from,
    path: pivot < 0 ? "/" : inRoot(path.slice(0, pivot)),
    parents: inRoot(pivot < 0 ? path : path.slice(pivot + "/./".length)).slice(1),
    unpack,
  };
}

function warnIfIgnored(path: string, evaluation: Evaluation): void {
  const { ignored } = evaluation.planContext;
  if (ignored === undefined) return;
  const clean = cleanPath(path);
  const hasOneOf = (patterns: readonly string[]): boolean =>
    ignored.patterns.some((one) => patterns.includes(one));
  // BuildKit treats the root as ignored only for patterns that exclude everything in it.
  const isIgnored =
    clean === "."
      ? hasOneOf(["*", "**", "**/*"])
      : clean === "/"
        ? hasOneOf(["**", "**/*"])
        : ignored.matcher.excludes(clean);
  if (isIgnored)
    evaluation.warn(
      "CopyIgnoredFile",
      evaluation.command.instruction.kind === "COPY" ? "Copy" : "Add",
      clean,
    );
}
