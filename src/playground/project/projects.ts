import { batch, signal } from "@preact/signals";
import { preferences, tabValues } from "../browser/storage.ts";
import { type ExampleId, exampleIds, exampleProjectId, isExample } from "../examples/example-ids.ts";
import { openExample } from "../examples/examples.ts";
import { exampleTexts } from "../examples/texts.ts";
import { autosave } from "./autosave.ts";
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

const INDEX = "projects";
/** Key of the project in earlier versions of the page, which stored only one. */
const EARLIER = "draft";
/** Key of the id of the open project, which each tab stores. */
const OPEN = "project";

/** Stored projects, most recently changed first. */
export const projects = signal<readonly StoredProject[]>(readIndex());
/** Whether the browser stores the open project, or why it does not. */
export const storageState = signal<"stored" | "too-large" | "refused">("stored");
/** Name of the project that another tab changed while this tab had it open. This tab continues with a copy. */
export const conflict = signal<string | undefined>(undefined);

addEventListener("storage", ({ key }) => {
  if (key === `varve.${INDEX}`) projects.value = readIndex();
});

/** The data of each project as this tab last read or wrote it. Other data in the storage is from another tab. */
const lastSeen = new Map<string, string>();

function dataName(id: string): string {
  return `project.${id}`;
}

/** Opens the last project of this tab, otherwise the most recently changed one, otherwise the first example. */
export async function openLastProject(): Promise<void> {
  const [last] = projects.peek();
  for (const id of [tabValues.read(OPEN), last?.id]) if (id !== undefined && (await openStored(id))) return;
  await openExampleProject("site");
}

/** Opens an example, named in the language of the page. */
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
export async function openSharedProject(data: string): Promise<void> {
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

/** Stores the open project after each change, unless it is too large. @returns a function that stops this */
export function autosaveProject(): () => void {
  return autosave(() => {
    const id = projectId.value;
    const name = projectName.value;
    tabValues.store(OPEN, id);
    return {
      id,
      store: (data) => store(id, name, data),
      onTooLarge() {
        storageState.value = "too-large";
      },
    };
  });
}

/** Stores a project. When another tab has changed it, stores this version as a copy under another name. */
function store(id: string, name: string, data: string): void {
  const seen = lastSeen.get(id);
  const stored = preferences.read(dataName(id));
  if (data === stored || data === seen) {
    lastSeen.set(id, data);
    storageState.value = "stored";
    return;
  }
  const isConflict = stored !== undefined && stored !== seen;
  // A changed example is stored under a new id.
  const target = isConflict || isExample(id) ? newProjectId() : id;
  const targetName = target === id ? name : freeName(name);
  if (!preferences.store(dataName(target), data)) {
    storageState.value = "refused";
    return;
  }
  lastSeen.set(target, data);
  batch(() => {
    storageState.value = "stored";
    if (projectId.peek() === id) {
      projectId.value = target;
      projectName.value = targetName;
    }
    if (isConflict) conflict.value = name;
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

/** Reads the list of projects. Drops invalid entries. */
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

/** Adds the project of an earlier version to the list. */
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
