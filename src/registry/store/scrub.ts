import type { ScrubReport } from "../../../schemas/scrub.ts";
import { blobKey, manifestKey } from "../../oci/content-key.ts";
import { isDigest } from "../../oci/digest.ts";
import type { ObjectInfo, ObjectStore } from "../../store/object-store.ts";
import { chunks } from "../../streams/chunks.ts";
import { ContentMismatchError, SizeMismatchError, verifyChunks } from "../../streams/verify.ts";
import { markerKey } from "./markers.ts";

interface ScrubOptions {
  /** Check only keys after this one. */
  after?: string;
  /** Start no further object after this many bytes … */
  maxBytes: number;
  /** … or after this many objects. */
  maxObjects: number;
}

/** Prefixes to check, in key order. */
const PREFIXES = ["blobs/", "manifests/", "repos/"] as const;

/**
 * Compares stored contents with their digests, and checks that everything that repositories refer to exists. One call
 * checks a limited number of objects; `next` of the report continues. May report objects that are deleted concurrently.
 */
export async function scrub(
  store: ObjectStore,
  { after = "", maxBytes, maxObjects }: ScrubOptions,
): Promise<ScrubReport> {
  const report: ScrubReport = { objects: 0, bytes: 0, faults: [] };
  let last = after;
  for (const prefix of PREFIXES) {
    if (after > `${prefix}~`) continue;
    for await (const object of store.list(prefix, after > prefix ? after : undefined)) {
      if (report.objects === maxObjects || report.bytes >= maxBytes) return { ...report, next: last };
      const isMarker = prefix === "repos/";
      const problem = isMarker ? await problemOfMarker(store, object) : await problemOfContent(store, object);
      if (problem !== undefined) report.faults.push({ key: object.key, problem });
      report.objects += 1;
      if (!isMarker) report.bytes += object.size;
      last = object.key;
    }
  }
  return report;
}

async function problemOfContent(store: ObjectStore, { key, size }: ObjectInfo): Promise<string | undefined> {
  const digest = key.slice(key.indexOf("/") + 1).replace("/", ":");
  if (!isDigest(digest)) return "its name is not a digest";
  const stream = await store.get(key);
  // Deleted since it was listed.
  if (stream === undefined) return undefined;
  try {
    for await (const _ of verifyChunks(chunks(stream), { digest, size }));
    return undefined;
  } catch (error) {
    if (error instanceof ContentMismatchError) return `its bytes have digest ${error.actual}`;
    if (error instanceof SizeMismatchError) return `${error.actual} of ${size} bytes can be read`;
    throw error;
  }
}

async function problemOfMarker(
  store: ObjectStore,
  { key, metadata }: ObjectInfo,
): Promise<string | undefined> {
  const match = /^repos\/(.+?)\/(_blobs|_manifests|_tags|_referrers)\/(.+)$/s.exec(key);
  const [, name = "", folder, item = ""] = match ?? [];
  switch (folder) {
    case "_blobs":
    case "_manifests": {
      if (!isDigest(item)) return "its name is not a digest";
      const content = await store.head(folder === "_blobs" ? blobKey(item) : manifestKey(item));
      if (content === undefined) return "the content is missing";
      if (String(content.size) === metadata.size) return undefined;
      return `the content has ${content.size} bytes, not ${metadata.size}`;
    }
    case "_tags":
      return (await hasManifest(store, name, metadata.digest ?? "")) ? undefined : "its manifest is missing";
    case "_referrers": {
      const [, digest = ""] = item.split("/");
      return (await hasManifest(store, name, digest)) ? undefined : "its manifest is missing";
    }
    default:
      return undefined;
  }
}

async function hasManifest(store: ObjectStore, name: string, digest: string): Promise<boolean> {
  return (await store.head(markerKey(name, "_manifests", digest))) !== undefined;
}
