import type { FileEntry } from "../../../schemas/images.ts";

/** A row of the tree as it is shown. */
export interface FileRow {
  path: string;
  name: string;
  depth: number;
  isFolder: boolean;
  isOpen: boolean;
  entry: FileEntry;
  /** Bytes of the file, or of all files below. */
  size: number;
}

/** Entries of an image, or of one layer, as a tree. They come in path order, each folder before what is in it. */
export class FileTree {
  readonly entries: readonly FileEntry[];
  /** For each entry the number of the first one that is not below it. */
  readonly #ends: Uint32Array;
  readonly #depths: Uint16Array;
  /** Bytes of each entry with all that is below it. */
  readonly #sizes: Float64Array;

  constructor(listed: readonly FileEntry[]) {
    const entries = withFolders(listed);
    this.entries = entries;
    this.#ends = new Uint32Array(entries.length);
    this.#depths = new Uint16Array(entries.length);
    this.#sizes = new Float64Array(entries.length);
    const open: number[] = [];
    const close = (end: number) => {
      const number = open.pop() as number;
      this.#ends[number] = end;
      const above = open.at(-1);
      if (above !== undefined) this.#sizes[above] = this.#sizeAt(above) + this.#sizeAt(number);
    };
    for (const [number, entry] of entries.entries()) {
      while (open.length > 0 && !isBelow(entry.path, entries[open.at(-1) as number]?.path ?? ""))
        close(number);
      this.#depths[number] = open.length;
      this.#sizes[number] = countedSize(entry);
      open.push(number);
    }
    while (open.length > 0) close(entries.length);
  }

  /** Bytes of all files. */
  get size(): number {
    let size = 0;
    for (let number = 0; number < this.entries.length; number = this.#ends[number] as number) {
      size += this.#sizeAt(number);
    }
    return size;
  }

  /** What is seen when these folders are open. */
  rows(open: ReadonlySet<string>): FileRow[] {
    const rows: FileRow[] = [];
    for (let number = 0; number < this.entries.length; ) {
      const row = this.#row(number, open);
      rows.push(row);
      number = row.isFolder && !row.isOpen ? (this.#ends[number] as number) : number + 1;
    }
    return rows;
  }

  /** Entries that pass a test, with the folders above them, all open. */
  matching(test: (entry: FileEntry) => boolean): FileRow[] {
    const rows: FileRow[] = [];
    const way: number[] = [];
    let taken = 0;
    for (const [number, entry] of this.entries.entries()) {
      while (way.length > 0 && (this.#ends[way.at(-1) as number] as number) <= number) way.pop();
      taken = Math.min(taken, way.length);
      way.push(number);
      if (!test(entry)) continue;
      for (const step of way.slice(taken)) rows.push({ ...this.#row(step, new Set()), isOpen: true });
      taken = way.length;
    }
    return rows;
  }

  /** The entry of a path, with what is directly in it. */
  folder(path: string): { size: number; children: FileRow[] } {
    const number = path === "" ? -1 : this.entries.findIndex((entry) => entry.path === path);
    const end = path === "" ? this.entries.length : (this.#ends[number] ?? 0);
    const children: FileRow[] = [];
    for (let child = number + 1; child < end; child = this.#ends[child] as number) {
      children.push(this.#row(child, new Set()));
    }
    return { size: path === "" ? this.size : this.#sizeAt(number), children };
  }

  #row(number: number, open: ReadonlySet<string>): FileRow {
    const entry = this.entries[number] as FileEntry;
    const { path, type } = entry;
    return {
      path,
      name: path.slice(path.lastIndexOf("/") + 1),
      depth: this.#depths[number] as number,
      isFolder: type === "dir" && (this.#ends[number] as number) > number + 1,
      isOpen: open.has(path),
      entry,
      size: this.#sizeAt(number),
    };
  }

  #sizeAt(number: number): number {
    return this.#sizes[number] as number;
  }
}

/** A second name of a file takes no room, and what is removed has none. */
function countedSize({ type, size, change }: FileEntry): number {
  return type === "file" && change !== "removed" ? size : 0;
}

function isBelow(path: string, folder: string): boolean {
  return path.startsWith(folder) && path[folder.length] === "/";
}

/** A layer need not state the folders that its entries lie in. */
function withFolders(listed: readonly FileEntry[]): FileEntry[] {
  const entries: FileEntry[] = [];
  let last = "";
  for (const entry of listed) {
    const { path } = entry;
    if (path === "") continue;
    for (let slash = path.indexOf("/"); slash >= 0; slash = path.indexOf("/", slash + 1)) {
      const folder = path.slice(0, slash);
      if (last === folder || isBelow(last, folder)) continue;
      entries.push({ path: folder, type: "dir", mode: 0o755, uid: 0, gid: 0, size: 0, mtime: 0 });
      last = folder;
    }
    entries.push(entry);
    last = path;
  }
  return entries;
}
