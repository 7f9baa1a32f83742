import { useSignal } from "@preact/signals";
import type { FileEntry } from "../../../../schemas/images.ts";
import { formatBytes } from "../../i18n/format.ts";
import { modeText } from "../../images/file-display.ts";
import type { FileRow } from "../../images/file-tree.ts";
import { SearchField } from "../../ui/inputs.tsx";
import { ProblemNote } from "../../ui/problem.tsx";
import { TreeView } from "../../ui/tree.tsx";
import { escapeInvisible } from "../../ui/visible-text.ts";
import { FileSign } from "./file-sign.tsx";
import { messages } from "./messages.ts";
import type { FilesSoFar } from "./use-files.ts";

interface ImageFileTreeProps {
  files: FilesSoFar | undefined;
  /** Index of the layer whose changes are shown. */
  layer: number | undefined;
  chosen: string | undefined;
  onChoose(path: string): void;
}

/** The files of an image or a layer as a tree, with a search in their paths. */
export function ImageFileTree({ files, layer, chosen, onChoose }: ImageFileTreeProps) {
  const text = messages.value;
  const open = useSignal<ReadonlySet<string>>(new Set(foldersOf(chosen)));
  const wanted = useSignal("");
  const onlyChanged = useSignal(false);
  const { tree, isComplete = false, error } = files ?? {};
  const isOnlyChanged = layer !== undefined && onlyChanged.value;
  const found = wanted.value !== "" || isOnlyChanged;
  const name = wanted.value.toLowerCase();
  const isShown = (entry: FileEntry) =>
    entry.path.toLowerCase().includes(name) && (!isOnlyChanged || isChange(entry));
  const rows = tree === undefined ? [] : found ? tree.matching(isShown) : tree.rows(open.value);
  const toggle = ({ path }: FileRow, isOpen: boolean) => {
    const folders = new Set(open.peek());
    if (isOpen) folders.add(path);
    else folders.delete(path);
    open.value = folders;
  };
  return (
    <section class="card image-files" aria-label={text.files}>
      <div class="image-files-head">
        <h2>{layer === undefined ? text.allLayers : text.layer(layer + 1)}</h2>
        <SearchField label={text.search} text={wanted} />
        {layer !== undefined && (
          <label class="check">
            <input
              type="checkbox"
              checked={onlyChanged}
              onChange={(event) => {
                onlyChanged.value = event.currentTarget.checked;
              }}
            />
            {text.onlyChanged}
          </label>
        )}
      </div>
      {error !== undefined && <ProblemNote error={error} />}
      <TreeView
        label={text.files}
        rows={rows}
        chosen={chosen}
        onChoose={({ path }) => onChoose(path)}
        onToggle={toggle}
        rowClass={({ entry }) => (entry.change === undefined ? "" : `file-${entry.change}`)}
        details={({ entry, size }) => (
          <>
            {entry.change !== undefined && <FileSign change={entry.change} />}
            {entry.linkname !== undefined && (
              <span class="file-link">
                {entry.type === "symlink" ? "→ " : "= "}
                {escapeInvisible(entry.linkname)}
              </span>
            )}
            <span class="file-owner number" title={text.modeAndOwner}>
              {modeText(entry.type, entry.mode)} {entry.uid}:{entry.gid}
            </span>
            <span class="file-size number">{entry.type === "symlink" ? "" : formatBytes(size)}</span>
          </>
        )}
      />
      <p class="image-files-foot soft" role="status">
        {tree === undefined || !isComplete
          ? text.loadingFiles(tree?.entries.length ?? 0)
          : rows.length === 0
            ? found
              ? text.noFiles
              : text.noEntries
            : text.entries(tree.entries.length)}
      </p>
    </section>
  );
}

/** Whether a layer adds, changes or removes an entry rather than repeating it. */
function isChange({ change }: FileEntry): boolean {
  return change !== undefined && change !== "same";
}

/** Returns the parent folders of a path. */
function foldersOf(path: string | undefined): string[] {
  const names = path?.split("/").slice(0, -1) ?? [];
  return names.map((_, index) => names.slice(0, index + 1).join("/"));
}
