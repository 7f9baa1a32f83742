import "./files-pane.css";
import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { formatBytes } from "../../i18n/format.ts";
import { lessonOfProject } from "../../lessons/linked-project.ts";
import { factsRevision, isExecutable } from "../../project/context.ts";
import { type PickedFiles, readDrop, readPicked } from "../../project/folders.ts";
import {
  addFiles,
  canUndo,
  checkPath,
  files,
  openPath,
  openProject,
  options,
  paths,
  projectId,
  projectName,
  remove,
  rename,
  undo,
  writeText,
} from "../../project/project.ts";
import { conflict, storageState } from "../../project/projects.ts";
import { amounts, ignore, selectedSet } from "../../project/selection.ts";
import { announce } from "../../ui/announce.tsx";
import { Button } from "../../ui/button.tsx";
import { type TreeRow, TreeView } from "../../ui/tree.tsx";
import { escapeInvisible } from "../../ui/visible-text.ts";
import { messages } from "./messages.ts";
import { PathForm } from "./path-form.tsx";
import { ProjectButton } from "./projects-dialog.tsx";
import { ShareButton } from "./share-button.tsx";

/**
 * Shows the files of the build context, which of them are sent, and actions on them.
 * @param onOpen called when the user opens a file
 */
export function FilesPane({ onOpen }: { onOpen(): void }) {
  const text = messages.value;
  const closed = useSignal<ReadonlySet<string>>(new Set());
  const form = useSignal<{ what: "new" } | { what: "rename"; path: string } | undefined>(undefined);
  /** Path that rename and delete apply to. */
  const current = useSignal(openPath.peek());
  const isOver = useSignal(false);
  const isReading = useSignal(false);
  const filePicker = useRef<HTMLInputElement>(null);
  const folderPicker = useRef<HTMLInputElement>(null);
  const rows = useComputed(() => rowsOf(paths.value, closed.value));
  const toggle = ({ path }: TreeRow, isOpen: boolean) => {
    const next = new Set(closed.peek());
    if (isOpen) next.delete(path);
    else next.add(path);
    closed.value = next;
  };
  useEffect(() => {
    if (folderPicker.current !== null) folderPicker.current.webkitdirectory = true;
  }, []);
  /**
   * Opens a folder as a project if it was picked or has a Dockerfile. Adds other files and folders to the current
   * project.
   */
  const openOrAdd = async (reading: PickedFiles | Promise<PickedFiles>, { opens }: { opens: boolean }) => {
    isReading.value = true;
    try {
      const { files: incoming, folder } = await reading;
      if (incoming.size === 0) return;
      if (folder !== undefined && (opens || incoming.has("Dockerfile"))) {
        // A lesson keeps its project id.
        const id = lessonOfProject(projectId.peek()) === undefined ? undefined : projectId.peek();
        await openProject(incoming, { ...options.peek(), target: "", name: folder, id });
        announce(text.opened(folder, incoming.size));
        return;
      }
      const prefix = folder === undefined ? "" : `${folder}/`;
      await addFiles(new Map([...incoming].map(([path, file]) => [prefix + path, file])));
      announce(text.added(incoming.size));
    } finally {
      isReading.value = false;
    }
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    isOver.value = false;
    if (event.dataTransfer !== null) void openOrAdd(readDrop(event.dataTransfer.items), { opens: false });
  };
  const pick = (event: { currentTarget: HTMLInputElement }) => {
    const { files: picked } = event.currentTarget;
    const opens = event.currentTarget === folderPicker.current;
    if (picked !== null && picked.length > 0) void openOrAdd(readPicked(picked), { opens });
  };
  const deleteAt = (path: string) => {
    remove(path);
    announce(text.deleted(escapeInvisible(path)));
  };
  const press = (key: string, { path }: TreeRow) => {
    if (key === "Delete") deleteAt(path);
    else if (key === "F2") form.value = { what: "rename", path };
    else return false;
    return true;
  };
  const { sent, ignored } = amounts.value;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: files can be dropped anywhere here; the buttons do the same.
    <div
      class={`files-pane${isOver.value ? " files-pane-over" : ""}`}
      onDragOver={(event) => {
        event.preventDefault();
        isOver.value = true;
      }}
      onDragLeave={() => {
        isOver.value = false;
      }}
      onDrop={drop}
    >
      <ProjectButton />
      <div class="pane-head">
        <h2>{text.files}</h2>
        <Button
          kind="quiet"
          icon="plus"
          label={text.newFile}
          onClick={() => {
            form.value = { what: "new" };
          }}
        />
        <Button
          kind="quiet"
          icon="upload"
          label={text.addFiles}
          onClick={() => filePicker.current?.click()}
        />
        <Button
          kind="quiet"
          icon="folder"
          label={text.openFolder}
          onClick={() => folderPicker.current?.click()}
        />
      </div>
      <input
        ref={filePicker}
        class="files-picker"
        type="file"
        multiple
        tabIndex={-1}
        aria-label={text.addFiles}
        onChange={pick}
      />
      <input
        ref={folderPicker}
        class="files-picker"
        type="file"
        tabIndex={-1}
        aria-label={text.openFolder}
        onChange={pick}
      />
      {form.value?.what === "new" && (
        <PathForm
          label={text.newFileName}
          action={text.add}
          value=""
          check={checkPath}
          onDone={(path) => {
            form.value = undefined;
            if (path === undefined) return;
            writeText(path, "");
            openPath.value = path;
            onOpen();
          }}
        />
      )}
      {form.value?.what === "rename" && (
        <PathForm
          label={text.renameTo(escapeInvisible(form.value.path))}
          action={text.rename}
          value={form.value.path}
          check={checkPath}
          onDone={(path) => {
            const { value } = form;
            form.value = undefined;
            if (path !== undefined && value?.what === "rename") rename(value.path, path);
          }}
        />
      )}
      <TreeView
        label={text.context}
        rows={rows.value}
        chosen={openPath.value}
        onChoose={({ path }) => {
          openPath.value = path;
          onOpen();
        }}
        onToggle={toggle}
        onActive={({ path }) => {
          current.value = path;
        }}
        onKey={press}
        rowClass={({ path }) => (selectedSet.value.has(path) ? "" : "files-row-ignored")}
        details={({ path, isFolder }) => <Details path={path} isFolder={isFolder} />}
      />
      <div class="files-foot">
        <StorageNote />
        {ignore.value.fault !== undefined && (
          <p class="files-fault">{text.ignoreFault(ignore.value.fault)}</p>
        )}
        <p>{text.travels(sent.files, sent.bytes)}</p>
        {ignored.files > 0 && <p class="soft">{text.ignored(ignored.files, ignored.bytes)}</p>}
        <p class="soft files-drop">{isReading.value ? text.reading : text.dropHere}</p>
        <div class="files-actions">
          <Button
            icon="edit"
            kind="quiet"
            label={text.rename}
            onClick={() => {
              form.value = { what: "rename", path: current.peek() };
            }}
          />
          <Button icon="trash" kind="quiet" label={text.delete} onClick={() => deleteAt(current.peek())} />
          <ShareButton />
          {canUndo.value && (
            <Button kind="quiet" onClick={undo}>
              {text.undo}
            </Button>
          )}
        </div>
      </div>
    </div>
  );
}

/** Warns when the browser does not store the project, or when another tab changed it. */
function StorageNote() {
  const text = messages.value;
  if (storageState.value !== "stored") return <p class="files-fault">{text.notStored[storageState.value]}</p>;
  if (conflict.value === undefined) return null;
  return (
    <p class="files-fault" role="status">
      {text.conflict(escapeInvisible(conflict.value), escapeInvisible(projectName.value))}
    </p>
  );
}

function Details({ path, isFolder }: { path: string; isFolder: boolean }) {
  const text = messages.value;
  if (!selectedSet.value.has(path)) return <span class="files-note">{text.ignoredFile}</span>;
  const file = isFolder ? undefined : files.value.get(path);
  if (file === undefined) return null;
  // A file counts as a script only after it was read.
  void factsRevision.value;
  return (
    <span class="files-note number">
      {isExecutable(file) && (
        <>
          <span class="visually-hidden">{text.executable}</span>
          <span aria-hidden="true" title={text.executable}>
            x
          </span>{" "}
        </>
      )}
      {formatBytes(file.size)}
    </span>
  );
}

/** Returns the visible rows of a tree: the files outside of closed folders, and all of their parent folders. */
function rowsOf(sorted: readonly string[], closed: ReadonlySet<string>): TreeRow[] {
  const rows: TreeRow[] = [];
  let parents: string[] = [];
  let hidden: string | undefined;
  for (const path of sorted) {
    if (hidden !== undefined && path.startsWith(hidden)) continue;
    hidden = undefined;
    const parts = path.split("/");
    let shared = 0;
    while (shared < parts.length - 1 && parents[shared] === parts[shared]) shared++;
    for (let depth = shared; depth < parts.length - 1 && hidden === undefined; depth++) {
      const folder = parts.slice(0, depth + 1).join("/");
      const isOpen = !closed.has(folder);
      rows.push({ path: folder, name: parts[depth] as string, depth, isFolder: true, isOpen });
      if (!isOpen) hidden = `${folder}/`;
    }
    parents = parts.slice(0, -1);
    if (hidden !== undefined) continue;
    rows.push({ path, name: parts.at(-1) as string, depth: parts.length - 1, isFolder: false });
  }
  return rows;
}
