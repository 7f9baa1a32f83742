import "./tree.css";
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { Icon } from "./icon.tsx";
import { VirtualList } from "./virtual-list.tsx";
import { escapeInvisible } from "./visible-text.ts";

/** A visible row. Closed folders have no rows for their contents. */
export interface TreeRow {
  /** Unique key of the row. */
  path: string;
  name: string;
  /** Nesting level; 0 at the top. */
  depth: number;
  isFolder: boolean;
  /** Whether a folder is open. */
  isOpen?: boolean;
}

interface TreeProps<R extends TreeRow> {
  label: string;
  /** From top to bottom. */
  rows: readonly R[];
  /** Path of the selected row. */
  chosen?: string | undefined;
  onChoose(row: R): void;
  onToggle(row: R, isOpen: boolean): void;
  /** Called when the keyboard or the pointer moves to another row. */
  onActive?(row: R): void;
  /** Handles other keys. @returns whether the key was handled */
  onKey?(key: string, row: R): boolean;
  /** Content after the name. */
  details?(row: R): ComponentChildren;
  rowClass?(row: R): string;
}

/** A tree of files and folders (WAI-ARIA tree pattern). Renders only the rows in the visible area. */
export function TreeView<R extends TreeRow>(props: TreeProps<R>) {
  const { label, rows, chosen, onChoose, onToggle, onActive, onKey, details, rowClass } = props;
  const id = useId();
  const active = useSignal<string | undefined>(undefined);
  const place = rows.findIndex(({ path }) => path === (active.value ?? chosen));
  const current = Math.max(0, place);
  const activateOnly = (row: R) => {
    active.value = row.path;
    onActive?.(row);
  };
  const goTo = (index: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))];
    if (row !== undefined) activateOnly(row);
  };
  const activate = (row: R) => {
    activateOnly(row);
    if (row.isFolder) onToggle(row, !row.isOpen);
    else onChoose(row);
  };
  const parentOf = (index: number) => {
    const { depth = 0 } = rows[index] ?? {};
    let parent = index;
    while (parent > 0 && (rows[parent]?.depth ?? 0) >= depth) parent--;
    return parent;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const row = rows[current];
    if (row === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!handleKey(event.key, row)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  const handleKey = (key: string, row: R): boolean => {
    switch (key) {
      case "ArrowDown":
        goTo(current + 1);
        return true;
      case "ArrowUp":
        goTo(current - 1);
        return true;
      case "Home":
        goTo(0);
        return true;
      case "End":
        goTo(rows.length - 1);
        return true;
      case "ArrowRight":
        if (row.isFolder && !row.isOpen) onToggle(row, true);
        else if (row.isFolder) goTo(current + 1);
        return true;
      case "ArrowLeft":
        if (row.isFolder && row.isOpen) onToggle(row, false);
        else goTo(parentOf(current));
        return true;
      case "Enter":
      case " ":
        activate(row);
        return true;
      default:
        return onKey?.(key, row) ?? false;
    }
  };
  return (
    <VirtualList
      count={rows.length}
      reveal={place < 0 ? undefined : place}
      attributes={{
        role: "tree",
        "aria-label": label,
        "aria-activedescendant": rows.length === 0 ? undefined : `${id}-${current}`,
        tabIndex: 0,
        onKeyDown,
      }}
      row={(index) => {
        const row = rows[index] as R;
        const isChosen = row.path === chosen;
        return (
          // biome-ignore lint/a11y/useFocusableInteractive lint/a11y/useKeyWithClickEvents: the tree has the focus and handles the keys.
          <div
            key={row.path}
            id={`${id}-${index}`}
            role="treeitem"
            aria-level={row.depth + 1}
            aria-expanded={row.isFolder ? row.isOpen === true : undefined}
            aria-selected={isChosen}
            class={`tree-row ${index === current ? "tree-row-active" : ""} ${rowClass?.(row) ?? ""}`}
            style={{ paddingInlineStart: `${0.5 + row.depth}rem` }}
            onClick={() => activate(row)}
          >
            <span class={`tree-twist${row.isOpen ? " tree-twist-open" : ""}`}>
              {row.isFolder && <Icon name="chevron" />}
            </span>
            <span class="tree-name" title={escapeInvisible(row.path)}>
              {escapeInvisible(row.name)}
            </span>
            {details?.(row)}
          </div>
        );
      }}
    />
  );
}
