import { batch, effect, signal } from "@preact/signals";
import { remember, remembered } from "../browser/preferences.ts";
import { keepInTab, keptInTab } from "../browser/tab-storage.ts";
import { type ExampleId, exampleIds, exampleProjectId, isExample } from "../examples/example-ids.ts";
import { openExample } from "../examples/examples.ts";
import { exampleTexts } from "../examples/texts.ts";
import { files, inputs, newProjectId, openProject, projectId, projectName } from "./project.ts";
import { textFile } from "./project-file.ts";
import { encodeProject, openShared, ShareError } from "./share.ts";

/** A project that the browser keeps. */
export interface KeptProject {
  readonly id: string;
  readonly name: string;
  /** When it was changed last, in milliseconds since 1970. */
  readonly changed: number;
}

/** Milliseconds without a change before the project is kept. */
const DELAY = 800;
const INDEX = "projects";
/** Where the one project was that earlier versions of the page kept. */
const EARLIER = "draft";
/** Name of what the tab keeps: the project that is open in it. */
const OPEN = "project";

/** The projects that the browser keeps, the one that was changed last first. */
export const projects = signal<readonly KeptProject[]>(readIndex());
/** Why the open project is not what is kept. */
export const keeping = signal<"kept" | "too-large" | "refused">("kept");
/** The name of the project that another tab has changed, when this tab went on with a copy. */
export const wasSplit = signal<string | undefined>(undefined);

addEventListener("storage", ({ key }) => {
  if (key === `varve.${INDEX}`) projects.value = readIndex();
});

/** What this tab read or wrote last of each project. Another tab may have written something else since. */
const lastSeen = new Map<string, string>();

function dataName(id: string): string {
  return `project.${id}`;
}

/** Opens the project of this tab, or else the one that was changed last, or else the first example. */
export async function openLastProject(): Promise<void> {
  const [last] = projects.peek();
  for (const id of [keptInTab(OPEN), last?.id]) if (id !== undefined && (await openKept(id))) return;
  await openExampleProject("site");
}

/** Opens an example by the name that it has in the language of the page. */
export async function openExampleProject(id: ExampleId): Promise<void> {
  await openExample(id, exampleTexts.peek()[id].title);
  const { files: opened, dockerfilePath, options } = inputs.peek();
  // It is kept once it is something else.
  lastSeen.set(exampleProjectId(id), await encodeProject(opened, dockerfilePath, options));
}

/** Opens a project that is kept, or an example that was open. @returns whether there is such a project */
export async function openKept(id: string): Promise<boolean> {
  const data = remembered(dataName(id));
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

/** Opens the project of an address, as one of its own: the same address opens the same project again. */
export async function openAddress(data: string): Promise<void> {
  const known = projects.peek().find(({ id }) => remembered(dataName(id)) === data);
  if (known !== undefined && (await openKept(known.id))) return;
  await openShared(data, { id: newProjectId() });
}

/** Opens a project with a Dockerfile that copies everything. */
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

/** Deletes a project. What is open stays open, and is kept again when it is changed. */
export function deleteProject(id: string): void {
  remember(dataName(id), undefined);
  lastSeen.delete(id);
  writeIndex(projects.peek().filter((project) => project.id !== id));
}

/** Keeps the open project in the browser while it is small enough. @returns what ends that */
export function keepProject(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pending: { id: string; save(): void } | undefined;
  const stop = effect(() => {
    const { files: kept, dockerfilePath, options } = inputs.value;
    const id = projectId.value;
    const name = projectName.value;
    clearTimeout(timer);
    // Another project was opened: the one before is kept as it was.
    if (pending?.id !== id) pending?.save();
    keepInTab(OPEN, id);
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

/** Writes a project. When another tab has changed it since, both are kept: this one under another name. */
function store(id: string, name: string, data: string): void {
  const seen = lastSeen.get(id);
  const kept = remembered(dataName(id));
  if (data === kept || data === seen) {
    lastSeen.set(id, data);
    keeping.value = "kept";
    return;
  }
  const isSplit = kept !== undefined && kept !== seen;
  // An example that was changed is an example no more.
  const target = isSplit || isExample(id) ? newProjectId() : id;
  const targetName = target === id ? name : freeName(name);
  if (!remember(dataName(target), data)) {
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

/** A name that no other project has. */
function freeName(wanted: string): string {
  const taken = new Set(projects.peek().map(({ name }) => name));
  if (!taken.has(wanted)) return wanted;
  for (let number = 2; ; number++) if (!taken.has(`${wanted} (${number})`)) return `${wanted} (${number})`;
}

function nameOf(id: string): string {
  return projects.peek().find((project) => project.id === id)?.name ?? id;
}

function writeIndex(list: readonly KeptProject[]): void {
  const sorted = [...list].sort((a, b) => b.changed - a.changed);
  remember(INDEX, JSON.stringify(sorted));
  projects.value = sorted;
}

/** The list as the browser keeps it: whatever else it has there counts as none. */
function readIndex(): readonly KeptProject[] {
  let read: unknown;
  try {
    read = JSON.parse(remembered(INDEX) ?? "[]");
  } catch {
    return [];
  }
  const list = Array.isArray(read) ? read.filter(isKept) : [];
  return list.length > 0 ? list : adoptEarlier();
}

function isKept(value: unknown): value is KeptProject {
  if (typeof value !== "object" || value === null) return false;
  const { id, name, changed } = value as Record<string, unknown>;
  return typeof id === "string" && typeof name === "string" && typeof changed === "number";
}

/** The one project of earlier versions becomes one of several. */
function adoptEarlier(): readonly KeptProject[] {
  const data = remembered(EARLIER);
  if (data === undefined) return [];
  remember(dataName(EARLIER), data);
  remember(EARLIER, undefined);
  const list = [{ id: EARLIER, name: EARLIER, changed: Date.now() }];
  remember(INDEX, JSON.stringify(list));
  return list;
}

/** Whether a project is open. */
export function isProjectOpen(): boolean {
  return files.peek().size > 0;
}
