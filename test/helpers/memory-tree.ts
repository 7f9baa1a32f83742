import type { EntryTable } from "../../src/rootfs/entry-table.ts";
import { TableBuilder } from "../../src/rootfs/table-builder.ts";
import type { Contents, Node } from "../../src/rootfs/tree.ts";
import { sha256 } from "../../src/streams/sha256.ts";

/** An entry of a tree in memory; omitted fields have defaults. */
export type MemoryEntry = Partial<Omit<Node, "path" | "digest" | "contents" | "size">> & {
  path: string;
  /** Contents of a file. */
  contents?: Uint8Array | string;
};

/**
 * A tree of a few small files in memory. By default files of mode 0644 and directories of
 * mode 0755, owned by 0:0, of time 0.
 */
export function memoryTree(entries: Iterable<MemoryEntry>): EntryTable {
  const builder = new TableBuilder();
  const files: Uint8Array[] = [];
  for (const { contents, ...entry } of entries) {
    const type = entry.type ?? "file";
    const node: Node = {
      mode: type === "dir" ? 0o755 : type === "symlink" ? 0o777 : 0o644,
      uid: 0,
      gid: 0,
      mtime: 0,
      ...entry,
      type,
      size: 0,
    };
    if (type !== "file") {
      builder.add(node);
      continue;
    }
    const bytes =
      typeof contents === "string" ? new TextEncoder().encode(contents) : (contents ?? new Uint8Array(0));
    builder.add({ ...node, size: bytes.length, digest: sha256(bytes) }, files.length);
    files.push(bytes);
  }
  return builder.finish((place) => new MemoryContents(files[place as number] ?? new Uint8Array(0)));
}

class MemoryContents implements Contents {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get size(): number {
    return this.#bytes.length;
  }

  async *read(): AsyncGenerator<Uint8Array> {
    if (this.#bytes.length > 0) yield this.#bytes;
  }
}
