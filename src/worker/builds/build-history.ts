import type { BuildListQuery, BuildRecord, RunStep } from "../../../schemas/build.ts";
import { longestSteps } from "../../engine/explain/run-steps.ts";
import { END_OF_TIME } from "../../garbage/kinds.ts";
import { parseAnyManifest } from "../../oci/any-manifest.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { isAttestation } from "../../oci/image-index.ts";
import { readRepository } from "../../registry/names.ts";
import { StoreRegistry } from "../../registry/store/store-registry.ts";
import type { ObjectInfo, ObjectStore } from "../../store/object-store.ts";
import { sum } from "../../streams/sum.ts";
import { repositoriesOfTags } from "../access/requirement.ts";

/** Maximum number of runs read for one page of a list. */
const MAX_RUNS_READ = 2000;
/** Key prefixes of the lists of all runs and of those of an image. Keys contain the time, for garbage collection. */
const ofAll = "builds/";
const ofImage = (repository: string) => `histories/${repository}/_/`;
/** Maximum number of images whose lists contain a build. */
const MAX_IMAGES = 16;
/** Maximum size of a record in the metadata of an object, in bytes; stores keep 8 KiB of metadata. */
const MAX_RECORD = 7000;

/** A run in a list. `record` is undefined when it is too long for the list. */
interface ListedRun {
  id: string;
  /** Milliseconds since 1970. */
  started: number;
  record: BuildRecord | undefined;
}

interface RunPage {
  runs: ListedRun[];
  /** Cursor of the next page; undefined on the last page. */
  next: string | undefined;
}

/** Adds a started run to the lists. Does not overwrite the entry of a finished run. */
export async function noteStart(store: ObjectStore, record: BuildRecord): Promise<void> {
  const options = { ifAbsent: true, metadata: metadataOf(record) };
  await Promise.all(keysOf(record).map((key) => store.put(key, new Uint8Array(), 0, options)));
}

/** Adds a finished run and its steps to the lists. @returns its record with the size of the image */
export async function noteEnd(
  store: ObjectStore,
  record: BuildRecord,
  steps: readonly RunStep[],
): Promise<BuildRecord> {
  const size = record.result && (await imageBytes(store, record.result));
  const ended = size === undefined ? record : { ...record, size };
  const bytes = new TextEncoder().encode(JSON.stringify(longestSteps(steps)));
  const options = { metadata: metadataOf(ended) };
  await Promise.all(
    keysOf(ended).map((key) =>
      key.startsWith(ofAll)
        ? store.put(key, new Uint8Array(), 0, options)
        : store.put(key, bytes, bytes.length, options),
    ),
  );
  return ended;
}

/**
 * Runs of builds, newest first.
 * @param isSeen whether the caller may see a build for these repositories
 * @param query at most `n` runs, after `last`
 */
export async function listRuns(
  store: ObjectStore,
  isSeen: (repositories: readonly string[]) => boolean,
  { n, last, state, repository }: Omit<BuildListQuery, "image"> & { repository?: string | undefined },
): Promise<RunPage> {
  const prefix = repository === undefined ? ofAll : ofImage(repository);
  const runs: ListedRun[] = [];
  let lookedAt = 0;
  for await (const object of store.list(prefix, last === undefined ? undefined : prefix + last)) {
    const run = runOf(prefix, object);
    const { record } = run;
    const { repositories } = object.metadata;
    const names = record === undefined ? repositories?.split(" ") : repositoriesOfTags(record.tags);
    // The stored record of a running build may be outdated, so the caller checks the state.
    const mayMatch =
      state === undefined || record === undefined || record.state === "running" || record.state === state;
    if ((names === undefined || isSeen(names)) && mayMatch) runs.push(run);
    lookedAt += 1;
    if (runs.length === n || lookedAt === MAX_RUNS_READ) {
      return { runs, next: object.key.slice(prefix.length) };
    }
  }
  return { runs, next: undefined };
}

/**
 * The last finished runs of an image with their steps, newest first.
 * @param isSeen whether the caller may see a build for these repositories, of which the image may be one
 */
export async function lastEnded(
  store: ObjectStore,
  isSeen: (repositories: readonly string[]) => boolean,
  { repository, n }: { repository: string; n: number },
): Promise<{ record: BuildRecord; steps: RunStep[] }[]> {
  const found: { key: string; record: BuildRecord }[] = [];
  const prefix = ofImage(repository);
  let lookedAt = 0;
  for await (const object of store.list(prefix)) {
    const { record } = runOf(prefix, object);
    const isEnded = record !== undefined && record.state !== "running";
    if (isEnded && isSeen(repositoriesOfTags(record.tags))) found.push({ key: object.key, record });
    lookedAt += 1;
    if (found.length === n || lookedAt === MAX_RUNS_READ) break;
  }
  return Promise.all(
    found.map(async ({ key, record }) => {
      const bytes = await store.getBytes(key);
      const text = new TextDecoder().decode(bytes);
      return { record, steps: text === "" ? [] : (JSON.parse(text) as RunStep[]) };
    }),
  );
}

/** Total size in bytes of the stored blobs of an image, for all platforms. */
async function imageBytes(
  store: ObjectStore,
  { repository, descriptor }: NonNullable<BuildRecord["result"]>,
): Promise<number> {
  const registry = new StoreRegistry(store);
  const name = readRepository(repository);
  const sizes = new Map<string, number>();
  const add = async ({ digest }: Pick<Descriptor, "digest">): Promise<void> => {
    const { bytes, descriptor: found } = await registry.readManifest(name, digest);
    const document = parseAnyManifest(bytes, found.mediaType);
    if (document.kind === "index") {
      for (const entry of document.index.manifests) if (!isAttestation(entry)) await add(entry);
      return;
    }
    const { config, layers } = document.manifest;
    for (const blob of [config, ...layers]) sizes.set(blob.digest, blob.size);
  };
  await add(descriptor);
  return sum(sizes.values());
}

function runOf(prefix: string, { key, metadata }: ObjectInfo): ListedRun {
  const [time = "", id = ""] = key.slice(prefix.length).split("/");
  const { record } = metadata;
  return {
    id,
    started: END_OF_TIME - Number(time),
    record: record === undefined ? undefined : (JSON.parse(record) as BuildRecord),
  };
}

function keysOf({ id, started, tags }: BuildRecord): string[] {
  const place = `${END_OF_TIME - Date.parse(started)}/${id}`;
  const repositories = repositoriesOfTags(tags).slice(0, MAX_IMAGES);
  return [ofAll + place, ...repositories.map((repository) => ofImage(repository) + place)];
}

function metadataOf(record: BuildRecord): Record<string, string> {
  // Some stores change non-ASCII characters in metadata.
  const text = JSON.stringify(record).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  if (text.length <= MAX_RECORD) return { record: text };
  const repositories = repositoriesOfTags(record.tags).join(" ");
  return repositories.length <= MAX_RECORD ? { repositories } : {};
}
