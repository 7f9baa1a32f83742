import { batch, computed, type Signal, signal } from "@preact/signals";
import { entryPath } from "../../tar/path.ts";
import { comparePaths } from "../../tar/text.ts";
import { type ProjectFile, type ProjectFiles, textFile, textOf, textOfBytes } from "./project-file.ts";

/** What is built besides the files, as the page lets one say it. */
export interface ProjectOptions {
  /** Name of the image. */
  readonly tag: string;
  /** Stage; the last one when empty. */
  readonly target: string;
  readonly buildArgs: Readonly<Record<string, string>>;
  /** `os/arch`; that of the server's default when empty. */
  readonly platform: string;
  readonly noCache: boolean;
}

export const defaultOptions: ProjectOptions = {
  tag: "playground",
  target: "",
  buildArgs: {},
  platform: "",
  noCache: false,
};

/** Bounds of names, as for a context. */
const NAMES = { maxNameBytes: 4096, maxDepth: 512 };

/** Under which id the browser keeps the open project. */
export const projectId = signal("");
/** What the user calls it. */
export const projectName = signal("");

/** Counts projects that were opened: the id of an open project may change, this does not. */
export const opening = signal(0);

/** An id that no other project has. */
export function newProjectId(): string {
  return [...crypto.getRandomValues(new Uint32Array(3))].map((word) => word.toString(36)).join("");
}

/** A project: what is edited, planned and built. One is open in the page. */
export const files = signal<ProjectFiles>(new Map());
export const options = signal<ProjectOptions>(defaultOptions);
/** Values for `RUN --mount=type=secret` by their ids. They are in the memory of the page alone: never kept, never shared. */
export const secrets = signal<Readonly<Record<string, string>>>({});
/** Path of the Dockerfile. */
export const dockerfilePath = signal("Dockerfile");
/** Path of the file that is in the editor. */
export const openPath = signal("Dockerfile");

/** Before the last change that took files away or put others in their place. */
const earlier = signal<ProjectFiles | undefined>(undefined);
export const canUndo = computed(() => earlier.value !== undefined);

let lastPaths: readonly string[] = [];
let known: ReadonlySet<string> = new Set();

/** All paths in the order of a context. The same list as before when only contents changed. */
export const paths = computed(() => {
  const names = [...files.value.keys()];
  if (names.length !== lastPaths.length || names.some((name) => !known.has(name))) {
    lastPaths = names.sort(comparePaths);
    known = new Set(lastPaths);
  }
  return lastPaths;
});
export const dockerfileText = computed(() => writtenText(dockerfilePath.value) ?? "");

/** Path of the ignore file that applies: that of the Dockerfile wins. */
export const ignorePath = computed(() => {
  const own = `${dockerfilePath.value}.dockerignore`;
  return files.value.has(own) ? own : ".dockerignore";
});
export const ignoreText = computed(() => writtenText(ignorePath.value) ?? "");

/** All that decides what a build gives. */
export interface ProjectInputs {
  readonly files: ProjectFiles;
  readonly dockerfile: string;
  readonly dockerfilePath: string;
  readonly ignore: string;
  readonly options: ProjectOptions;
}

/** The project as it is now: the same value until something changes. */
export const inputs = computed(
  (): ProjectInputs => ({
    files: files.value,
    dockerfile: dockerfileText.value,
    dockerfilePath: dockerfilePath.value,
    ignore: ignoreText.value,
    options: options.value,
  }),
);

/** Options as the server takes them. */
export function requestOptions({ tag, target, buildArgs, platform, noCache }: ProjectOptions) {
  return {
    tags: tag.trim() === "" ? [] : [tag.trim()],
    buildArgs: { ...buildArgs },
    noCache,
    ...(target !== "" && { target }),
    ...(platform !== "" && { platforms: platform.split(",").map((name) => name.trim()) }),
  };
}

/** What is small and decides about the rest was read when it came. */
function writtenText(path: string): string | undefined {
  const contents = files.value.get(path)?.contents;
  return contents instanceof Uint8Array ? textOfBytes(contents) : undefined;
}

let openings = 0;

export interface OpenedProject extends Partial<ProjectOptions> {
  /** Path of the Dockerfile. */
  dockerfile?: string;
  /** Under which id the browser keeps it; a new one by default. */
  id?: string | undefined;
  /** What the user calls it; the name of the image by default. */
  name?: string | undefined;
}

/** Opens a project in place of the one that is open. */
export async function openProject(opened: ProjectFiles, chosen: OpenedProject = {}): Promise<void> {
  const read = await withTextsRead(opened);
  const { dockerfile = "Dockerfile", id, name, ...rest } = chosen;
  batch(() => {
    opening.value = ++openings;
    projectId.value = id ?? newProjectId();
    projectName.value = name ?? rest.tag ?? defaultOptions.tag;
    earlier.value = undefined;
    secrets.value = {};
    files.value = read;
    options.value = { ...defaultOptions, ...rest };
    dockerfilePath.value = dockerfile;
    openPath.value = dockerfile;
  });
}

/** Adds files, in place of those of the same paths. */
export async function addFiles(added: ProjectFiles): Promise<void> {
  const read = await withTextsRead(added);
  batch(() => {
    earlier.value = files.peek();
    files.value = new Map([...files.peek(), ...read]);
  });
}

/** Holds the project as it is now, with what can be undone. Gives what puts it back. */
export function holdProject(): () => void {
  const hold = <T>(kept: Signal<T>) => {
    const value = kept.peek();
    return () => {
      kept.value = value;
    };
  };
  const puts = [
    hold(opening),
    hold(projectId),
    hold(projectName),
    hold(files),
    hold(options),
    hold(secrets),
    hold(dockerfilePath),
    hold(openPath),
    hold(earlier),
  ];
  return () =>
    batch(() => {
      for (const put of puts) put();
    });
}

async function withTextsRead(given: ProjectFiles): Promise<ProjectFiles> {
  const read = new Map(given);
  for (const [path, file] of given) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    if (file.contents instanceof Uint8Array || !/dockerfile|^\.dockerignore$/i.test(name)) continue;
    const text = await textOf(file);
    if (text !== undefined) read.set(path, { ...textFile(text), mtime: file.mtime });
  }
  return read;
}

/** Writes a text into a file, which is made when it is not there. Gives the file. */
export function writeText(path: string, text: string): ProjectFile {
  const before = files.peek().get(path);
  const file = textFile(text, { executable: before?.executable || undefined });
  set(path, file);
  return file;
}

export function setExecutable(path: string, executable: boolean): void {
  const file = files.peek().get(path);
  if (file !== undefined) set(path, { ...file, executable });
}

function set(path: string, file: ProjectFile): void {
  files.value = new Map(files.peek()).set(path, file);
}

/** Takes away a file, or everything in a folder. */
export function remove(path: string): void {
  const left = new Map(files.peek());
  for (const name of files.peek().keys()) if (isAt(name, path)) left.delete(name);
  batch(() => {
    earlier.value = files.peek();
    files.value = left;
    if (isAt(openPath.peek(), path)) openPath.value = dockerfilePath.peek();
  });
}

/** Gives a file or folder another path. */
export function rename(from: string, to: string): void {
  const moved = new Map<string, ProjectFile>();
  const target = (name: string) => (isAt(name, from) ? to + name.slice(from.length) : name);
  for (const [name, file] of files.peek()) moved.set(target(name), file);
  batch(() => {
    earlier.value = files.peek();
    files.value = moved;
    openPath.value = target(openPath.peek());
    dockerfilePath.value = target(dockerfilePath.peek());
  });
}

/** Takes back what the last change took away. */
export function undo(): void {
  const before = earlier.peek();
  if (before === undefined) return;
  batch(() => {
    files.value = before;
    earlier.value = undefined;
    if (!before.has(openPath.peek())) openPath.value = dockerfilePath.peek();
  });
}

function isAt(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}/`);
}

/** Why a file cannot have a path; undefined when it can. */
export function faultOfPath(path: string): "empty" | "taken" | "invalid" | undefined {
  if (path === "") return "empty";
  if (!isPath(path)) return "invalid";
  for (const name of files.peek().keys()) if (isAt(name, path) || isAt(path, name)) return "taken";
  return undefined;
}

/** Whether a context can have a file of this path. */
export function isPath(path: string): boolean {
  if (path === "" || path.includes("\0") || !path.isWellFormed()) return false;
  try {
    return entryPath(path, "refuse", NAMES) === path;
  } catch {
    return false;
  }
}
