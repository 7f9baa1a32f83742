import type { ImagePlace } from "../../registry/copy-image.ts";
import { startsWithHost } from "../../registry/names.ts";
import { UsageError } from "../command-error.ts";
import { createIndex } from "./create-index.ts";
import { isHostOf, parseImageName, registryAddressOf } from "./own-name.ts";
import { openImagePlace, openOwnRegistry } from "./push-image.ts";

interface JoinOptions {
  /** URL. */
  server: string;
  token: string | undefined;
  /** Names of the result: of the server, or with the host of another registry. */
  tags: readonly string[];
  /** Names of images, or digests of images of the repository of the first tag. */
  sources: readonly string[];
  /** `KEY=VALUE`, with or without `index:` before it. */
  annotations?: readonly string[];
  /** Whether all names are names at the server, and those with the host of another registry are pushed there, too. */
  pushes?: boolean;
}

/**
 * Joins images into one index under each of its names.
 * @returns the digest of the index
 * @throws {UsageError | RegistryError}
 */
export async function joinImages(options: JoinOptions): Promise<string> {
  const { server, tags, sources } = options;
  const [first] = tags;
  if (first === undefined)
    throw new UsageError("--tag is missing", "Set the name of the result: --tag team/app:1.2");
  if (sources.length === 0) throw new UsageError("no images to join");
  parseImageName(first);
  const base = withoutTag(first);
  const names = sources.map((source) =>
    /^sha256:[0-9a-f]{64}$/.test(source) ? `${base}@${source}` : source,
  );
  const own = await openOwnRegistry(options);
  const isOwn = (name: string) =>
    options.pushes !== undefined || !startsWithHost(name) || isHostOf(name, server);
  const placesOf = async (name: string): Promise<ImagePlace> =>
    isOwn(name)
      ? { registry: own, ...registryAddressOf(name, server) }
      : openImagePlace(parseImageName(name));
  const from = await Promise.all(names.map(placesOf));
  const annotations = Object.fromEntries((options.annotations ?? []).map(annotationOf));
  let digest = "";
  const targets = await Promise.all(tags.map(placesOf));
  if (options.pushes) {
    const others = tags.filter((name) => startsWithHost(name) && !isHostOf(name, server));
    targets.push(...(await Promise.all(others.map((name) => openImagePlace(parseImageName(name))))));
  }
  for (const { registry, name, reference } of targets)
    digest = await createIndex(from, { registry, name, tags: [reference] }, annotations);
  return digest;
}

function withoutTag(name: string): string {
  const [repository = ""] = name.split("@", 1);
  const colon = repository.indexOf(":", repository.lastIndexOf("/") + 1);
  return colon < 0 ? repository : repository.slice(0, colon);
}

/** @throws {UsageError} */
function annotationOf(text: string): [string, string] {
  const [, key, value] = /^(?:index:)?([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined || value === undefined)
    throw new UsageError(`"${text}" is not an annotation: it must be KEY=VALUE`);
  if (/^manifest[-:[]/.test(key))
    throw new UsageError(`Cannot set the annotation ${key}: only annotations of the index are supported`);
  return [key, value];
}
