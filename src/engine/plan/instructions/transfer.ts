import type { Add, Copy, Heredoc } from "../../../dockerfile/instruction.ts";
import { maskedUrl } from "../../url-credentials.ts";
import { readChmod } from "../chmod.ts";
import { absolutePath, cleanPath, joinPath } from "../os-path.ts";
import { readOwner } from "../owner.ts";
import { PlanFault } from "../plan-error.ts";
import { remoteKind, remoteSource } from "../remote-source.ts";
import type { FileState, FilesSource, TransferSource } from "../step.ts";
import type { Place } from "./place.ts";

const context: FileState = { kind: "context" };

/** COPY: from the context, a stage, or an image. */
export function copy(instruction: Copy, place: Place): void {
  const [source] = place.command.sources;
  const texts = expandTexts(instruction, place);
  const from = source === undefined ? context : place.surroundings.filesOf(source);
  if (from === undefined) {
    const message =
      `cannot copy from stage "${instruction.from}", it needs to be defined before current stage ` +
      `"${place.stageName}"`;
    throw new PlanFault("plan/stage-not-yet-defined", message).about(instruction.from ?? "");
  }
  transfer(place, instruction, texts, (path) => {
    const remote = remoteKind(path);
    if (remote !== undefined) {
      const what = remote === "git" ? "git ref" : "URL";
      throw new PlanFault("plan/invalid-source", `source can't be a ${what} for COPY`).about(path);
    }
    return filesSource(
      path,
      { from, isContext: source === undefined, parents: instruction.parents, unpack: false },
      place,
    );
  });
}

/** ADD: also downloads and git repositories; archives are unpacked. */
export function add(instruction: Add, place: Place): void {
  const checksum = place.expand(instruction.checksum ?? "");
  const texts = expandTexts(instruction, place);
  const flags = { ...instruction, checksum };
  const unpack = instruction.unpack ?? true;
  transfer(place, instruction, texts, (path, paths) => {
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
    return filesSource(path, { from: context, isContext: true, parents: false, unpack }, place);
  });
}

/** The texts of COPY and ADD with their variables replaced, in the order in which BuildKit does it. */
interface Texts {
  readonly chown: string;
  readonly chmod: string;
  readonly paths: readonly string[];
  readonly dest: string;
  readonly bodies: readonly string[];
}

function expandTexts(instruction: Copy | Add, place: Place): Texts {
  return {
    chown: place.expand(instruction.chown ?? ""),
    chmod: place.expand(instruction.chmod ?? ""),
    paths: instruction.sources.map((source) => place.expand(source)),
    dest: place.expand(instruction.dest),
    bodies: instruction.heredocs.map((body) => bodyOf(body, place)),
  };
}

function bodyOf({ expand, content }: Heredoc, place: Place): string {
  return expand ? place.expandBody(content) : content;
}

function transfer(
  place: Place,
  instruction: Copy | Add,
  { chown, chmod, paths, dest: written, bodies }: Texts,
  sourceOf: (path: string, paths: readonly string[]) => TransferSource,
): void {
  const { state } = place;
  // The empty text and "." are the directory itself, so that files go into it.
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
  // Names, history and explanations outlive the build, so no password of a URL gets there.
  const shown = paths.map(maskedUrl);
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
  place.addStep(
    {
      kind: instruction.kind === "COPY" ? "copy" : "add",
      parent: state.files,
      sources,
      dest: cleanPath(dest),
      destIsDirectory: /\/\.?$/.test(dest),
      ...(chown && { owner: readOwner(chown) }),
      ...(mode && { chmod: mode }),
      // Together with --chmod BuildKit copies as if --link were not there.
      link: instruction.link && chmod === "",
      excludes: instruction.excludes,
    },
    {
      name: hasCredentials ? text : place.nameOf(instruction.source),
      createdBy,
      ...(hasCredentials && { variables: [] }),
    },
  );
  state.image.history.addLayer(createdBy);
}

interface FilesOrigin {
  readonly from: FileState;
  /** The build context, to which the ignore file applies. */
  readonly isContext: boolean;
  readonly parents: boolean;
  readonly unpack: boolean;
}

function filesSource(
  path: string,
  { from, isContext, parents, unpack }: FilesOrigin,
  place: Place,
): FilesSource {
  const { os } = place.state.platform;
  const inRoot = (text: string): string => joinPath("/", absolutePath("/", text, os, false));
  if (isContext) warnIfIgnored(path, place);
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

function warnIfIgnored(path: string, place: Place): void {
  const { ignored } = place.surroundings;
  if (ignored === undefined) return;
  const clean = cleanPath(path);
  const hasOneOf = (patterns: readonly string[]): boolean =>
    ignored.patterns.some((one) => patterns.includes(one));
  // The root itself is ignored only by patterns that leave nothing of it.
  const isIgnored =
    clean === "."
      ? hasOneOf(["*", "**", "**/*"])
      : clean === "/"
        ? hasOneOf(["**", "**/*"])
        : ignored.matcher.excludes(clean);
  if (isIgnored)
    place.warn("CopyIgnoredFile", place.command.instruction.kind === "COPY" ? "Copy" : "Add", clean);
}
