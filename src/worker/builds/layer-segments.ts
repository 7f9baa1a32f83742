import type { Segments } from "../../engine/solve/write-layer.ts";
import type { ArchiveReceiver } from "../../images/receive-archive.ts";
import type { ForeignWorker } from "../../layers/foreign-workers.ts";
import { UnsupportedWorkError } from "../../layers/portions.ts";
import type { NewCompressor, RecompressWorker } from "../../layers/recompress.ts";
import { sha256Hex } from "../../streams/sha256.ts";
import type { Env } from "../environment.ts";
import { callObject, isMethodMissing } from "../http/object-interrupted.ts";
import { objectByName, type Placement } from "../placement.ts";
import type { ContextConverter } from "./convert-archive.ts";
import type { LayerSegmentsService } from "./layer-segments-service.ts";

/**
 * Divides the work on large layers among objects, each with its own limit of CPU time. Undefined on a local server, whose
 * layer program has no such limit.
 * @param build the build id
 */
export function segmentsOf(
  { LAYER_SEGMENTS, LAYERS, ...placement }: Pick<Env, "LAYER_SEGMENTS" | "LAYERS"> & Placement,
  build: string,
): ((name: string) => Segments) | undefined {
  if (LAYERS !== undefined) return undefined;
  return (name) => {
    const folder = `spool/${sha256Hex(`${build} ${name}`)}/`;
    const objectOf = (part: string) => objectByName(LAYER_SEGMENTS, part, placement);
    return {
      folder,
      worker: {
        compress: (task) => callObject(() => objectOf(task.key).compress(task)),
        hash: (number, compression, chunks) =>
          callObject(() => objectOf(`${folder}hash`).hash(number, compression, chunks)),
        put: (blob) => callObject(() => objectOf(`${folder}put`).put(blob)),
        ...compressorOf(() => objectOf(`${folder}recompress`)),
      },
    };
  };
}

/** Returns a worker that reads one layer of another registry. */
export function foreignWorker({
  LAYER_SEGMENTS,
  ...placement
}: Pick<Env, "LAYER_SEGMENTS"> & Placement): ForeignWorker {
  const name = `read ${crypto.randomUUID()}`;
  return {
    read: (number, layer, part) =>
      callNewer(async () => objectByName(LAYER_SEGMENTS, name, placement).read(number, layer, part)),
  };
}

/** Objects that each convert one archive of a context. Undefined on a local server, where invocations have no limit of CPU time. */
export function contextConverters(env: ArchiveEnv): (() => ContextConverter) | undefined {
  return archiveObjects(env, (object) => ({
    convert: (...args) => callNewer(async () => object().convert(...args)),
    stopConvert: () => object().stopConvert(),
  }));
}

/** Likewise, objects that each receive the files of one archive of images. */
export function archiveReceivers(env: ArchiveEnv): (() => ArchiveReceiver) | undefined {
  return archiveObjects(env, (object) => ({
    receive: (...args) => callNewer(async () => object().receive(...args)),
    stopReceive: () => object().stopReceive(),
  }));
}

/** Likewise, objects that each compress one layer. */
export function layerCompressors(env: ArchiveEnv): NewCompressor {
  return archiveObjects(env, compressorOf);
}

function compressorOf(object: SegmentsObject): RecompressWorker {
  return {
    recompress: (number, tar, format) =>
      callNewer(async () =>
        "places" in tar
          ? object().compressSent(number, tar.places, format)
          : object().recompress(number, tar, format),
      ),
    stopRecompress: () => object().stopRecompress(),
  };
}

type SegmentsObject = () => DurableObjectStub<LayerSegmentsService>;

type ArchiveEnv = Pick<Env, "LAYER_SEGMENTS" | "OBJECTS"> & Placement;

function archiveObjects<T>(
  { LAYER_SEGMENTS, OBJECTS, ...placement }: ArchiveEnv,
  workerOf: (object: SegmentsObject) => T,
): (() => T) | undefined {
  if (OBJECTS !== undefined) return undefined;
  return () => {
    const name = `archive ${crypto.randomUUID()}`;
    return workerOf(() => objectByName(LAYER_SEGMENTS, name, placement));
  };
}

/** Calls a method that objects of older versions lack. @throws {UnsupportedWorkError} */
async function callNewer<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await callObject(call);
  } catch (cause) {
    if (!isMethodMissing(cause)) throw cause;
    throw new UnsupportedWorkError("The object runs an older version", { cause });
  }
}
