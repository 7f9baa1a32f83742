import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ImageAddress, Images } from "../../client/images.ts";
import { unpackMembers } from "../../machine/unpack-folder.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { InvalidDocumentError, MAX_DOCUMENT } from "../../oci/document.ts";
import { encodeImageIndex, type ImageIndex, parseImageIndex } from "../../oci/image-index.ts";
import { collect } from "../../streams/collect.ts";
import { readTar, type TarMember } from "../../tar/read.ts";
import { CommandError } from "../command-error.ts";
import { addDestToErrors, writeTextTo } from "./write-to.ts";

const INDEX = "index.json";
const CREATED = "org.opencontainers.image.created";
const REF_NAME = "org.opencontainers.image.ref.name";
const IMAGE_NAME = "io.containerd.image.name";

/**
 * The annotations of a build with the creation time of the image, in whole seconds, that BuildKit writes into the
 * `index.json` of an archive. An annotation of the build with the same name replaces it.
 */
export async function withCreated(
  annotations: Readonly<Record<string, string>> | undefined,
  images: Images,
  image: ImageAddress,
  platform: string | undefined,
): Promise<Record<string, string>> {
  const { created } = await images.inspect(image, platform);
  const time = created?.replace(/\.\d+(?=Z$)/, "");
  return { ...(time && { [`manifest-descriptor,index-descriptor:${CREATED}`]: time }), ...annotations };
}

/**
 * Unpacks the archive of an image into an OCI layout. As with buildx, the layout keeps its other images: an entry of its
 * index is replaced only by one with the same name, and an image without a name is `latest`. The index is written last, so
 * it never names an image that is not complete.
 * @throws {CommandError} when the folder cannot be written, or its `index.json` is not an image index
 */
export function unpackLayout(folder: string, archive: AsyncIterable<Uint8Array>): Promise<void> {
  return addDestToErrors(folder, async () => {
    const place = join(folder, INDEX);
    readIndex(place);
    let index: ImageIndex | undefined;
    const others = async function* (): AsyncGenerator<TarMember> {
      for await (const member of readTar(archive)) {
        if (member.entry.path === INDEX) index = parseImageIndex(await collect(member.body, MAX_DOCUMENT));
        else yield member;
      }
    };
    await unpackMembers(others(), folder);
    if (index === undefined) throw new Error(`Cannot write ${place}: the archive has no such file`);
    const added = index.manifests.map(withName);
    const names = new Set(added.map(nameOf));
    // Read again, because another target of a bake may have written it meanwhile.
    const kept = readIndex(place)?.manifests.filter((manifest) => !names.has(nameOf(manifest))) ?? [];
    writeTextTo(
      place,
      new TextDecoder().decode(encodeImageIndex({ ...index, manifests: [...kept, ...added] })),
    );
  });
}

function readIndex(place: string): ImageIndex | undefined {
  try {
    return parseImageIndex(readFileSync(place));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    if (!(error instanceof InvalidDocumentError)) throw error;
    throw new CommandError(`Cannot read ${place}: ${error.message}`);
  }
}

function withName(manifest: Descriptor): Descriptor {
  const annotations = { [REF_NAME]: "latest", ...manifest.annotations };
  return { ...manifest, annotations };
}

/** The name of an entry in a layout's index, which identifies it. */
function nameOf({ annotations }: Descriptor): string {
  return JSON.stringify([annotations?.[IMAGE_NAME], annotations?.[REF_NAME]]);
}
