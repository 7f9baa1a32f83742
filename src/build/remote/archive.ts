import { decompress } from "../../compression/decompress.ts";
import { CompressionError } from "../../compression/error.ts";
import { packReader } from "../../context/pack-reader.ts";
import { PackWriter } from "../../context/pack-writer.ts";
import type { Node } from "../../rootfs/tree.ts";
import type { ObjectStore } from "../../store/object-store.ts";
import { ByteReader } from "../../streams/byte-reader.ts";
import { TarError } from "../../tar/error.ts";
import { looksLikeTar } from "../../tar/header.ts";
import { readTar } from "../../tar/read.ts";
import type { Archive } from "../copy/copy-request.ts";
import { BuildError } from "../errors.ts";

const firstHeader = 512;

/**
 * The members of an archive, told by its contents: a tar whose first header is readable, compressed in any of the
 * ways that ADD knows. Undefined for any other file. Contents of the members go to packs.
 * @throws BuildError `archive-unreadable` when it goes wrong after the first header
 */
export async function openArchive(store: ObjectStore, file: Node): Promise<Archive | undefined> {
  const { contents } = file;
  if (contents === undefined || !(await isTar(contents.read()))) return undefined;
  const { body } = await decompress(contents.read());
  const packs = new PackWriter(store);
  const contentsAt = packReader(store, packs.packs);
  const entries: Node[] = [];
  try {
    for await (const { entry, bytes, body: member } of readTar(body)) {
      if (entry.type !== "file") {
        entries.push(entry);
        continue;
      }
      const { digest, size, place } =
        bytes === undefined ? await packs.add(member, entry.size) : packs.addBytes(bytes);
      await packs.drain();
      entries.push({
        ...entry,
        size,
        digest,
        ...(place !== undefined && { contents: contentsAt(place, size) }),
      });
    }
  } catch (error) {
    if (!(error instanceof TarError || error instanceof CompressionError)) throw error;
    throw new BuildError("archive-unreadable", `failed to unpack "/${file.path}": ${error.message}`, {
      cause: error,
    });
  }
  await packs.flush();
  return { entries, read: (node) => node.contents?.read() ?? nothing() };
}

async function isTar(contents: AsyncIterable<Uint8Array>): Promise<boolean> {
  const { body } = await decompress(contents);
  const reader = new ByteReader(body);
  try {
    return looksLikeTar(await reader.peek(firstHeader));
  } catch (error) {
    if (error instanceof CompressionError) return false;
    throw error;
  } finally {
    await reader.close();
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
