import { decompress } from "../../compression/decompress.ts";
import { CompressionError } from "../../compression/error.ts";
import { packReader } from "../../context/pack-reader.ts";
import { ContextPackWriter } from "../../context/pack-writer.ts";
import { cleanPath } from "../../dockerignore/clean-path.ts";
import type { Place } from "../../rootfs/node-line.ts";
import type { Node } from "../../rootfs/tree.ts";
import type { ObjectStore } from "../../store/object-store.ts";
import { each } from "../../streams/each.ts";
import { isolateMemory } from "../../streams/memory-budget.ts";
import { TarError } from "../../tar/error.ts";
import { beginsAsTar, readTar } from "../../tar/read.ts";
import type { Archive } from "../copy/copy-request.ts";
import { BuildError } from "../errors.ts";

/**
 * Opens an archive, recognised by its contents: a tar whose first member has valid headers, in any compression that ADD
 * supports. Undefined for any other file. Writes the contents of members to packs.
 * @throws {BuildError} `archive-unreadable` for an error after the first headers
 */
export async function openArchive(store: ObjectStore, file: Node): Promise<Archive | undefined> {
  const { contents } = file;
  if (contents === undefined || !(await isArchive(file))) return undefined;
  const { body } = await decompress(contents.read());
  using memory = isolateMemory.lend();
  const packs = new ContextPackWriter(store, memory);
  const entries: Node[] = [];
  const places: (Place | undefined)[] = [];
  try {
    for await (const { entry, name, bytes, body: member } of readTar(body, { drain: false })) {
      // As in BuildKit, `.` does not change the destination, but `/` does.
      if (entry.path === "" && cleanPath(name) === ".") continue;
      if (entry.type !== "file") {
        entries.push(entry);
        places.push(undefined);
        continue;
      }
      const { digest, size, place } = bytes === undefined ? await packs.add(member) : packs.addBytes(bytes);
      await packs.drain();
      entries.push({ ...entry, size, digest });
      places.push(place);
    }
  } catch (error) {
    if (!(error instanceof TarError || error instanceof CompressionError)) throw error;
    throw new BuildError("archive-unreadable", `failed to unpack "/${file.path}": ${error.message}`, {
      cause: error,
    });
  }
  await packs.flush();
  // Only closed packs are readable.
  const contentsAt = packReader(store, packs.packs);
  for (const [index, node] of entries.entries()) {
    const place = places[index];
    if (place !== undefined) node.contents = contentsAt(place, node.size);
  }
  return { entries, read: (node) => node.contents?.read() ?? each([]) };
}

/** Whether ADD unpacks a file. Reads only its beginning. */
export async function isArchive({ contents }: Node): Promise<boolean> {
  if (contents === undefined) return false;
  const { body } = await decompress(contents.read());
  try {
    return await beginsAsTar(body);
  } catch (error) {
    if (error instanceof CompressionError) return false;
    throw error;
  }
}
