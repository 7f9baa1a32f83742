import { blobFile, type ProjectFile } from "./project-file.ts";

/** Files that the user dropped or picked. */
export interface PickedFiles {
  files: Map<string, ProjectFile>;
  /** Name of the folder if the user chose a single one. The paths are relative to it. */
  folder?: string;
}

/** Number of files that are opened concurrently. */
const LANES = 16;

/** Reads dropped files and folders, recursively. */
export async function readDrop(items: DataTransferItemList): Promise<PickedFiles> {
  // The items are invalid after an await; their entries stay valid.
  const entries = [...items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  const found: { path: string; entry: FileSystemFileEntry }[] = [];
  for (const entry of entries) await walk(entry, entry.name, found);
  const files = new Map<string, ProjectFile>();
  const lane = async () => {
    for (let next = found.pop(); next !== undefined; next = found.pop()) {
      const { path, entry } = next;
      const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
      files.set(path, blobFile(file));
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return withoutFolder(files, entries.length === 1 && entries[0]?.isDirectory === true);
}

async function walk(
  entry: FileSystemEntry,
  path: string,
  found: { path: string; entry: FileSystemFileEntry }[],
): Promise<void> {
  if (entry.isFile) {
    found.push({ path, entry: entry as FileSystemFileEntry });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  // Browsers return at most a hundred entries per call.
  for (;;) {
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (entries.length === 0) return;
    for (const inner of entries) await walk(inner, `${path}/${inner.name}`, found);
  }
}

/** Reads picked files, or a picked folder, recursively. */
export function readPicked(list: FileList): PickedFiles {
  const files = new Map<string, ProjectFile>();
  let isFolder = false;
  for (const file of list) {
    isFolder ||= file.webkitRelativePath !== "";
    files.set(file.webkitRelativePath || file.name, blobFile(file));
  }
  return withoutFolder(files, isFolder);
}

function withoutFolder(files: Map<string, ProjectFile>, isFolder: boolean): PickedFiles {
  const [first] = files.keys();
  const folder = first?.split("/", 1)[0];
  if (!isFolder || folder === undefined) return { files };
  return { folder, files: new Map([...files].map(([path, file]) => [path.slice(folder.length + 1), file])) };
}
