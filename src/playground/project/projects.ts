import { batch, effect, signal } from "@preact/signals";
import { preferences, tabValues } from "../browser/storage.ts";
import { type ExampleId, exampleIds, exampleProjectId, isExample } from "../examples/example-ids.ts";
import { openExample } from "../examples/examples.ts";
import { exampleTexts } from "../examples/texts.ts";
import { files, inputs, newProjectId, openProject, projectId, projectName } from "./project.ts";
import { textFile } from "./project-file.ts";
import { encodeProject, openShared, ShareError } from "./share.ts";

/** A project that is stored in the browser. */
export interface StoredProject {
  readonly id: string;
  readonly name: string;
  /** Time of the last change, in milliseconds since 1970. */
  readonly changed: number;
}

/** Milliseconds without a change before the project is stored. */
const DELAY = 800;
const INDEX = "projects";
/** Key of the only project that earlier versions of the page stored. */
const EARLIER = "draft";
/** Key of the tab's open project. */
const OPEN = "project";

/** Stored projects, most recently changed first. */
export const projects = signal<readonly StoredProject[]>(readIndex());
/** Whether the open project is stored, or why it is not. */
export const keeping = signal<"kept" | "too-large" | "refused">("kept");
/** Name of the project that another tab changed, after this tab continued with a copy. */
export const wasSplit = signal<string | undefined>(undefined);

addEventListener("storage", ({ key }) => {
  if (key === `varve.${INDEX}`) projects.value = readIndex();
});

/** The data of each project that this tab read or wrote last. Another tab can have written since. */
const lastSeen = new Map<string, string>();

function dataName(id: string): string {
  return `project.${id}`;
}

/** Opens the project of this tab, otherwise the most recently changed one, otherwise the first example. */
export async function openLastProject(): Promise<void> {
  const [last] = projects.peek();
  for (const id of [tabValues.read(OPEN), last?.id]) if (id !== undefined && (await openStored(id))) return;
  await openExampleProject("site");
}

/** Opens an example under its name in the language of the page. */
export async function openExampleProject(id: ExampleId): Promise<void> {
  await openExample(id, exampleTexts.peek()[id].title);
  const { files: opened, dockerfilePath, options } = inputs.peek();
  // An example is stored only after a change.
  lastSeen.set(exampleProjectId(id), await encodeProject(opened, dockerfilePath, options));
}

/** Opens a stored project or an example. @returns whether the project exists */
export async function openStored(id: string): Promise<boolean> {
  const data = preferences.read(dataName(id));
  if (data === undefined) {
    const example = exampleIds.find((name) => exampleProjectId(name) === id);
    if (example !== undefined) await openExampleProject(example);
    return example !== undefined;
  }
  try {
    await openShared(data, { id, name: nameOf(id) });
  } catch (error) {
    if (!(error instanceof ShareError)) throw error;
    return false;
  }
  lastSeen.set(id, data);
  return true;
}

/** Opens the project of a shared link as a new project, or the stored project with the same data. */
export async function openAddress(data: string): Promise<void> {
  const known = projects.peek().find(({ id }) => preferences.read(dataName(id)) === data);
  if (known !== undefined && (await openStored(known.id))) return;
  await openShared(data, { id: newProjectId() });
}

/** Opens a project that has only a Dockerfile, which copies the whole context. */
export async function openEmptyProject(name: string): Promise<void> {
  await openProject(new Map([["Dockerfile", textFile("FROM scratch\nCOPY . /\n")]]), {
    id: newProjectId(),
    name: freeName(name),
  });
}

export function renameProject(id: string, name: string): void {
  batch(() => {
    if (projectId.peek() === id) projectName.value = name;
    writeIndex(projects.peek().map((project) => (project.id === id ? { ...project, name } : project)));
  });
}

/** Deletes a project. An open project stays open, and the next change stores it again. */
export function deleteProject(id: string): void {
  preferences.store(dataName(id), undefined);
  lastSeen.delete(id);
  writeIndex(projects.peek().filter((project) => project.id !== id));
}

/**
 * Stores the open project in the browser after every change, unless it is too large.
 * @returns a function that stops it
 */
export function autosaveProject(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pending: { id: string; save(): void } | undefined;
  const stop = effect(() => {
    const { files: kept, dockerfilePath, options } = inputs.value;
    const id = projectId.value;
    const name = projectName.value;
    clearTimeout(timer);
    // Another project was opened: store the previous one now.
    if (pending?.id !== id) pending?.save();
    tabValues.store(OPEN, id);
    const save = () => {
      pending = undefined;
      encodeProject(kept, dockerfilePath, options).then(
        (data) => store(id, name, data),
        () => {
          keeping.value = "too-large";
        },
      );
    };
    pending = { id, save };
    timer = setTimeout(save, DELAY);
  });
  return () => {
    stop();
    clearTimeout(timer);
    pending?.save();
  };
}

/** Stores a project. When another tab has changed it, stores this version as a copy under another name. */
function store(id: string, name: string, data: string): void {
  const seen = lastSeen.get(id);
  const kept = preferences.read(dataName(id));
  if (data === kept || data === seen) {
    lastSeen.set(id, data);
    keeping.value = "kept";
    return;
  }
  const isSplit = kept !== undefined && kept !== seen;
  // A changed example is stored under a new id.
  const target = isSplit || isExample(id) ? newProjectId() : id;
  const targetName = target === id ? name : freeName(name);
  if (!preferences.store(dataName(target), data)) {
    keeping.value = "refused";
    return;
  }
  lastSeen.set(target, data);
  batch(() => {
    keeping.value = "kept";
    if (projectId.peek() === id) {
      projectId.value = target;
      projectName.value = targetName;
    }
    if (isSplit) wasSplit.value = name;
    const others = readIndex().filter((project) => project.id !== target);
    writeIndex([{ id: target, name: targetName, changed: Date.now() }, ...others]);
  });
}

/** Appends a number to a name if another project has it. */
function freeName(wanted: string): string {
  const taken = new Set(projects.peek().map(({ name }) => name));
  if (!taken.has(wanted)) return wanted;
  for (let number = 2; ; number++) if (!taken.has(`${wanted} (${number})`)) return `${wanted} (${number})`;
}

function nameOf(id: string): string {
  return projects.peek().find((project) => project.id === id)?.name ?? id;
}

function writeIndex(list: readonly StoredProject[]): void {
  const sorted = [...list].sort((a, b) => b.changed - a.changed);
  preferences.store(INDEX, JSON.stringify(sorted));
  projects.value = sorted;
}

/** Reads the list of projects and drops invalid entries. */
function readIndex(): readonly StoredProject[] {
  const stored = preferences.readJson(INDEX);
  const list = Array.isArray(stored) ? stored.filter(isStoredProject) : [];
  return list.length > 0 ? list : migrateEarlierProject();
}

function isStoredProject(value: unknown): value is StoredProject {
  if (typeof value !== "object" || value === null) return false;
  const { id, name, changed } = value as Record<string, unknown>;
  return typeof id === "string" && typeof name === "string" && typeof changed === "number";
}

/** Migrates the only project of earlier versions. */
function migrateEarlierProject(): readonly StoredProject[] {
  const data = preferences.read(EARLIER);
  if (data === undefined) return [];
  preferences.store(dataName(EARLIER), data);
  preferences.store(EARLIER, undefined);
  const list = [{ id: EARLIER, name: EARLIER, changed: Date.now() }];
  preferences.store(INDEX, JSON.stringify(list));
  return list;
}

export function isProjectOpen(): boolean {
  return files.peek().size > 0;
}
