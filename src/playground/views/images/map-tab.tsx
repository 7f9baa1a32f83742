import "./map-tab.css";
import { useSignal } from "@preact/signals";
import { hierarchy, treemap, treemapSquarify } from "d3-hierarchy";
import { useEffect, useRef } from "preact/hooks";
import { formatBytes } from "../../i18n/format.ts";
import type { FileRow, FileTree } from "../../images/file-tree.ts";
import type { ImageAt } from "../../images/image-service.ts";
import { query, setQuery } from "../../router.ts";
import { Button } from "../../ui/button.tsx";
import { escapeInvisible } from "../../ui/visible-text.ts";
import { messages } from "./messages.ts";
import { useFiles } from "./use-files.ts";

/** Size of the map in pixels until it is measured. */
const INITIAL_SIZE = { width: 960, height: 540 };
/** Maximum number of areas in a folder, by level. The smallest entries share one area. */
const MAX_AREAS = [150, 12] as const;
/** Minimum share of the map for a folder to show its contents. */
const MIN_SHARE = 1 / 40;
/** Height of the name of a folder in pixels. */
const NAME_HEIGHT = 28;

interface Area {
  name: string;
  /** The name without the prefix that it shares with its siblings. */
  short: string;
  /** Bytes of an area without sub-areas. */
  size: number;
  /** The entry; undefined for the area of the smallest entries. */
  row?: FileRow;
  children?: Area[];
}

/** A treemap of an image's files, one folder at a time. */
export function MapTab({ image }: { image: ImageAt }) {
  const text = messages.value;
  const files = useFiles(image, undefined);
  const folder = query.value.get("folder") ?? "";
  if (files === undefined) return <p class="frame-message soft">{text.loadingFiles(0)}</p>;
  return (
    <section class="map-tab" aria-label={text.map.title}>
      <div class="map-head">
        <h2>{folder === "" ? text.map.whole : escapeInvisible(`/${folder}`)}</h2>
        <span class="number soft">{formatBytes(files.tree.folder(folder).size)}</span>
        {folder !== "" && (
          <Button kind="plain" icon="up" onClick={() => setQuery({ folder: parentOf(folder) })}>
            {text.map.up}
          </Button>
        )}
      </div>
      <Treemap tree={files.tree} folder={folder} />
      <p class="soft">{text.map.hint}</p>
    </section>
  );
}

function Treemap({ tree, folder }: { tree: FileTree; folder: string }) {
  const text = messages.value.map;
  const drawing = useRef<HTMLUListElement>(null);
  const size = useSignal(INITIAL_SIZE);
  useEffect(() => {
    if (drawing.current === null) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined && entry.contentRect.width > 0) size.value = entry.contentRect;
    });
    observer.observe(drawing.current);
    return () => observer.disconnect();
  }, []);
  const { width, height } = size.value;
  const whole: Area = { name: "", short: "", size: 0, children: areasOf(tree, folder, text.rest) };
  const areas = treemap<Area>()
    .size([width, height])
    .tile(treemapSquarify)
    .paddingInner(2)
    .paddingOuter(({ depth }) => (depth === 0 ? 0 : 3))
    .paddingTop(({ depth }) => (depth === 0 ? 0 : NAME_HEIGHT))(
      hierarchy(whole).sum(({ size, children }) => (children === undefined ? size : 0)),
    )
    .descendants()
    .slice(1);
  return (
    <ul class="map" ref={drawing}>
      {areas.map(({ data, x0, y0, x1, y1, value = 0 }) => {
        const { name, short, row } = data;
        const place = {
          insetInlineStart: `${(x0 / width) * 100}%`,
          insetBlockStart: `${(y0 / height) * 100}%`,
          width: `${((x1 - x0) / width) * 100}%`,
          height: `${((y1 - y0) / height) * 100}%`,
        };
        const label = text.of(escapeInvisible(name), formatBytes(value));
        const words = (
          <>
            <span class="map-name">{escapeInvisible(short)}</span>{" "}
            <span class="map-size number">{formatBytes(value)}</span>
          </>
        );
        return (
          <li key={row?.path ?? `${x0} ${y0}`} style={place} title={label}>
            {row === undefined ? (
              <span class="map-area">{words}</span>
            ) : (
              <button
                type="button"
                aria-label={`${escapeInvisible(name)} ${formatBytes(value)}`}
                class={`map-area ${row.isFolder ? "map-folder" : "map-file"}`}
                onClick={() =>
                  row.isFolder ? setQuery({ folder: row.path }) : setQuery({ tab: undefined, path: row.path })
                }
              >
                {words}
              </button>
            )}
          </li>
        );
      })}
    </ul>
  );
}

function areasOf(
  tree: FileTree,
  folder: string,
  restName: (count: number) => string,
  level = 0,
  whole = tree.folder(folder).size,
): Area[] {
  const max = MAX_AREAS[level] ?? 0;
  const rows = tree
    .folder(folder)
    .children.filter(({ size }) => size > 0)
    .sort((a, b) => b.size - a.size);
  const shared = sharedPrefixLength(rows.map(({ name }) => name));
  const areas: Area[] = rows.slice(0, max).map((row) => ({
    name: row.name,
    short: shared === 0 ? row.name : `…${row.name.slice(shared)}`,
    size: row.size,
    row,
    ...(row.isFolder &&
      level + 1 < MAX_AREAS.length &&
      row.size >= whole * MIN_SHARE && { children: areasOf(tree, row.path, restName, level + 1, whole) }),
  }));
  const rest = rows.slice(max);
  if (rest.length > 0) {
    const name = restName(rest.length);
    areas.push({ name, short: name, size: rest.reduce((sum, { size }) => sum + size, 0) });
  }
  return areas;
}

/** Minimum length of a shared prefix that is omitted from names. */
const MIN_PREFIX = 6;

/** Returns the length of the prefix that all names share; 0 when there are few names or the prefix is short. */
function sharedPrefixLength(names: readonly string[]): number {
  const [first = ""] = names;
  if (names.length < 3) return 0;
  let length = first.length;
  for (const name of names) while (!name.startsWith(first.slice(0, length))) length--;
  return length >= MIN_PREFIX && names.every((name) => name.length > length) ? length : 0;
}

function parentOf(path: string): string | undefined {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? undefined : path.slice(0, slash);
}
