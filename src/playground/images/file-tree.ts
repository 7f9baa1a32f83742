import type { FileEntry } from "../../../schemas/images.ts";

export interface FileRow {
  path: string;
  name: string;
  depth: number;
  isFolder: boolean;
  isOpen: boolean;
  entry: FileEntry;
  /** Size of the file, or of all files below the folder, in bytes. */
  size: number;
}

/** The entries of an image or a layer as a tree. They must be in path order, each folder before its contents. */
export class FileTree {
  readonly entries: readonly FileEntry[];
  /** For each entry, the index of the first later entry that is not below it. */
  readonly #ends: Uint32Array;
  readonly #depths: Uint16Array;
  /** For each entry, the bytes of the files in it. */
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
      this.#sizes[number] = sizeToCount(entry);
      open.push(number);
    }
    while (open.length > 0) close(entries.length);
  }

  /** Total size of all files in bytes. */
  get size(): number {
    let size = 0;
    for (let number = 0; number < this.entries.length; number = this.#ends[number] as number) {
      size += this.#sizeAt(number);
    }
    return size;
  }

  /** Returns the visible rows when the given folders are open. */
  rows(open: ReadonlySet<string>): FileRow[] {
    const rows: FileRow[] = [];
    for (let number = 0; number < this.entries.length; ) {
      const row = this.#row(number, open);
      rows.push(row);
      number = row.isFolder && !row.isOpen ? (this.#ends[number] as number) : number + 1;
    }
    return rows;
  }

  /** Returns the entries that pass a test, and their parent folders as open. */
  matching(test: (entry: FileEntry) => boolean): FileRow[] {
    const rows: FileRow[] = [];
    const ancestors: number[] = [];
    let added = 0;
    for (const [number, entry] of this.entries.entries()) {
      while (ancestors.length > 0 && (this.#ends[ancestors.at(-1) as number] as number) <= number)
        ancestors.pop();
      added = Math.min(added, ancestors.length);
      ancestors.push(number);
      if (!test(entry)) continue;
      for (const step of ancestors.slice(added)) rows.push({ ...this.#row(step, new Set()), isOpen: true });
      added = ancestors.length;
    }
    return rows;
  }

  /** Returns the size and the direct children of a folder. */
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

/** Returns the size of an entry in the sums. Hard links and removed files count as 0. */
function sizeToCount({ type, size, change }: FileEntry): number {
  return type === "file" && change !== "removed" ? size : 0;
}

function isBelow(path: string, folder: string): boolean {
  return path.startsWith(folder) && path[folder.length] === "/";
}

/** Adds parent folders that a layer does not list. */
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
