import { batch, computed, type Signal, signal } from "@preact/signals";
import { entryPath } from "../../tar/path.ts";
import { comparePaths } from "../../tar/text.ts";
import { decodeText, type ProjectFile, type ProjectFiles, readText, textFile } from "./project-file.ts";

/** The build options in the form of the page. */
export interface ProjectOptions {
  /** The image name. */
  readonly tag: string;
  /** Name of the target stage; empty for the last stage. */
  readonly target: string;
  readonly buildArgs: Readonly<Record<string, string>>;
  /** `os/arch`; empty for the default platform of the server. */
  readonly platform: string;
  readonly noCache: boolean;
}

const defaultOptions: ProjectOptions = {
  tag: "playground",
  target: "",
  buildArgs: {},
  platform: "",
  noCache: false,
};

/** Limits of paths in a build context. */
const LIMITS = { maxNameBytes: 4096, maxDepth: 512 };

/** Id under which the browser stores the open project. */
export const projectId = signal("");
/** The user's name of the project. */
export const projectName = signal("");

/** Incremented when a project is opened. Unlike the id, this number stays the same while the project is open. */
export const openCount = signal(0);

/** Creates a random project id. */
export function newProjectId(): string {
  return [...crypto.getRandomValues(new Uint32Array(3))].map((word) => word.toString(36)).join("");
}

export const files = signal<ProjectFiles>(new Map());
export const options = signal<ProjectOptions>(defaultOptions);
/** Values for `RUN --mount=type=secret` by id. They stay in memory: they are never stored or shared. */
export const secrets = signal<Readonly<Record<string, string>>>({});
export const dockerfilePath = signal("Dockerfile");
/** Path of the file in the editor. */
export const openPath = signal("Dockerfile");

/** The files before the last change that can be undone. */
const earlier = signal<ProjectFiles | undefined>(undefined);
export const canUndo = computed(() => earlier.value !== undefined);

let lastPaths: readonly string[] = [];
let known: ReadonlySet<string> = new Set();

/** All paths, sorted. The array stays the same while only contents change. */
export const paths = computed(() => {
  const names = [...files.value.keys()];
  if (names.length !== lastPaths.length || names.some((name) => !known.has(name))) {
    lastPaths = names.sort(comparePaths);
    known = new Set(lastPaths);
  }
  return lastPaths;
});
export const dockerfileText = computed(() => textInMemory(dockerfilePath.value) ?? "");

/** Path of the ignore file. One that is specific to the Dockerfile takes precedence. */
const ignorePath = computed(() => {
  const own = `${dockerfilePath.value}.dockerignore`;
  return files.value.has(own) ? own : ".dockerignore";
});
export const ignoreText = computed(() => textInMemory(ignorePath.value) ?? "");

/** All inputs of a build. */
export interface ProjectInputs {
  readonly files: ProjectFiles;
  readonly dockerfile: string;
  readonly dockerfilePath: string;
  readonly ignore: string;
  readonly options: ProjectOptions;
}

/** The inputs of the open project. The object stays the same until something changes. */
export const inputs = computed(
  (): ProjectInputs => ({
    files: files.value,
    dockerfile: dockerfileText.value,
    dockerfilePath: dockerfilePath.value,
    ignore: ignoreText.value,
    options: options.value,
  }),
);

/** Converts the options to the form of the API. */
export function requestOptions({ tag, target, buildArgs, platform, noCache }: ProjectOptions) {
  return {
    tags: tag.trim() === "" ? [] : [tag.trim()],
    buildArgs: { ...buildArgs },
    noCache,
    ...(target !== "" && { target }),
    ...(platform !== "" && { platforms: platform.split(",").map((name) => name.trim()) }),
  };
}

/** Returns the text of a file in memory. Opening a project reads its Dockerfiles and ignore files into memory. */
export function textInMemory(path: string): string | undefined {
  const contents = files.value.get(path)?.contents;
  return contents instanceof Uint8Array ? decodeText(contents) : undefined;
}

/** Number of projects opened so far. `openCount` itself goes back when a saved project is restored. */
let opened = 0;

interface OpenedProject extends Partial<ProjectOptions> {
  /** Path of the Dockerfile. */
  dockerfile?: string;
  /** Id of the project. Default: a new one. */
  id?: string | undefined;
  /** The user's name of the project. Default: the image name. */
  name?: string | undefined;
}

/** Opens a project in place of the current one. */
export async function openProject(given: ProjectFiles, chosen: OpenedProject = {}): Promise<void> {
  const read = await readTexts(given);
  const { dockerfile = "Dockerfile", id, name, ...rest } = chosen;
  batch(() => {
    openCount.value = ++opened;
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

/** Adds files. Files with the same path are replaced. */
export async function addFiles(added: ProjectFiles): Promise<void> {
  const read = await readTexts(added);
  batch(() => {
    earlier.value = files.peek();
    files.value = new Map([...files.peek(), ...read]);
  });
}

/** Saves the open project, including its undo state. @returns a function that restores it */
export function saveProject(): () => void {
  const save = <T>(kept: Signal<T>) => {
    const value = kept.peek();
    return () => {
      kept.value = value;
    };
  };
  const restores = [
    save(openCount),
    save(projectId),
    save(projectName),
    save(files),
    save(options),
    save(secrets),
    save(dockerfilePath),
    save(openPath),
    save(earlier),
  ];
  return () =>
    batch(() => {
      for (const restore of restores) restore();
    });
}

/** Reads Dockerfiles and ignore files into memory. */
async function readTexts(given: ProjectFiles): Promise<ProjectFiles> {
  const read = new Map(given);
  for (const [path, file] of given) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    if (file.contents instanceof Uint8Array || !/dockerfile|^\.dockerignore$/i.test(name)) continue;
    const text = await readText(file);
    if (text !== undefined) read.set(path, { ...textFile(text), mtime: file.mtime });
  }
  return read;
}

/** Writes a text file and creates it if necessary. @returns the file */
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

/** Removes a file, or everything in a folder. */
export function remove(path: string): void {
  const left = new Map(files.peek());
  for (const name of files.peek().keys()) if (isAt(name, path)) left.delete(name);
  batch(() => {
    earlier.value = files.peek();
    files.value = left;
    if (isAt(openPath.peek(), path)) openPath.value = dockerfilePath.peek();
  });
}

/** Moves a file or folder. */
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

/** Reverts the last change that added, removed or moved files. */
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

/** Returns why a path cannot be used for a new file; undefined for a valid path. */
export function checkPath(path: string): "empty" | "taken" | "invalid" | undefined {
  if (path === "") return "empty";
  if (!isPath(path)) return "invalid";
  for (const name of files.peek().keys()) if (isAt(name, path) || isAt(path, name)) return "taken";
  return undefined;
}

/** Whether a path is valid in a build context. */
export function isPath(path: string): boolean {
  if (path === "" || path.includes("\0") || !path.isWellFormed()) return false;
  try {
    return entryPath(path, "refuse", LIMITS) === path;
  } catch {
    return false;
  }
}
