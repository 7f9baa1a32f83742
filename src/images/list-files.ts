import type { FileEntry, FileQuery } from "../../schemas/images.ts";
import { pathInRoot } from "../tar/path.ts";
import { comparePaths } from "../tar/text.ts";
import { fileEntryOf, type ImageFiles, noFile } from "./files.ts";
import type { Image } from "./image.ts";
import { ImageError } from "./image-error.ts";
import type { ChangedNode } from "./layer-changes.ts";

/** The entry at a path, and the entries below it. */
interface ListedFiles {
  entry: FileEntry;
  /** In path order; undefined for an entry that is skipped. */
  entries: Iterable<FileEntry | undefined>;
}

/**
 * Lists the entries that a query selects: of a directory, of everything below it, or the matches of a search.
 * @throws {ImageError} `file-unknown`, `layer-unknown`
 */
export function listFiles(
  image: Image,
  files: ImageFiles,
  query: Pick<FileQuery, "path" | "layer" | "recursive" | "search" | "last">,
): ListedFiles {
  const listed =
    query.layer === undefined
      ? mergedFiles(files, query)
      : layerFiles(files, query, layerIndex(image, query.layer));
  return { entry: listed.entry, entries: after(findMatches(listed.entries, query.search), query.last) };
}

/** The index of a layer given by index, digest or diffID. @throws {ImageError} `layer-unknown` */
function layerIndex({ manifest, config }: Image, text: string): number {
  const index = /^\d{1,4}$/.test(text)
    ? Number(text)
    : manifest.layers.findIndex(
        ({ digest }, number) => digest === text || config.rootfs.diff_ids[number] === text,
      );
  if (manifest.layers[index] !== undefined) return index;
  throw new ImageError(
    "layer-unknown",
    `Cannot find layer "${text}": the image has ${manifest.layers.length}`,
  );
}

function mergedFiles(
  files: ImageFiles,
  query: Pick<FileQuery, "path" | "recursive" | "search">,
): ListedFiles {
  const node = files.find(query.path);
  const tree = files.tree();
  const isDeep = query.recursive || query.search !== undefined;
  const below = function* () {
    for (const child of isDeep ? tree.walk(node.path) : tree.children(node.path)) yield fileEntryOf(child);
  };
  return { entry: fileEntryOf(node), entries: below() };
}

function layerFiles(
  files: ImageFiles,
  query: Pick<FileQuery, "path" | "recursive" | "search">,
  layer: number,
): ListedFiles {
  const changes = files.changes(layer);
  const path = pathInRoot(query.path);
  const found = changes.find(path);
  if (found === undefined) throw noFile(query.path);
  const toEntry = ({ node, change }: ChangedNode) => fileEntryOf(node, change);
  const isDeep = query.recursive || query.search !== undefined;
  const below = function* () {
    for (const child of isDeep ? changes.walk(path) : changes.children(path)) yield toEntry(child);
  };
  return { entry: toEntry(found), entries: below() };
}

function* findMatches(
  entries: Iterable<FileEntry | undefined>,
  search: string | undefined,
): Generator<FileEntry | undefined> {
  const wanted = search?.toLowerCase();
  for (const entry of entries) {
    const isFound = wanted === undefined || entry?.path.toLowerCase().includes(wanted);
    yield isFound ? entry : undefined;
  }
}

function* after(
  entries: Iterable<FileEntry | undefined>,
  last: string | undefined,
): Generator<FileEntry | undefined> {
  for (const entry of entries) {
    const isAfter = last === undefined || (entry !== undefined && comparePaths(entry.path, last) > 0);
    yield isAfter ? entry : undefined;
  }
}
