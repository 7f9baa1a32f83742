import type { Segments } from "../../engine/solve/write-layer.ts";
import type { ForeignWorker } from "../../layers/foreign-workers.ts";
import { UnsupportedWorkError } from "../../layers/portions.ts";
import { sha256 } from "../../streams/sha256.ts";
import type { Env } from "../environment.ts";
import { callObject, isMethodMissing } from "../http/object-interrupted.ts";
import { objectByName, type Placement } from "../placement.ts";

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
    const folder = `spool/${sha256(`${build} ${name}`).slice("sha256:".length)}/`;
    const objectOf = (part: string) => objectByName(LAYER_SEGMENTS, part, placement);
    return {
      folder,
      worker: {
        compress: (task) => callObject(() => objectOf(task.key).compress(task)),
        hash: (number, compression, chunks) =>
          callObject(() => objectOf(`${folder}hash`).hash(number, compression, chunks)),
        put: (blob) => callObject(() => objectOf(`${folder}put`).put(blob)),
        recompress: (number, blob, format) =>
          callNewer(async () => objectOf(`${folder}recompress`).recompress(number, blob, format)),
        stopRecompress: () => objectOf(`${folder}recompress`).stopRecompress(),
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

/** Calls a method that objects of older versions lack. @throws {UnsupportedWorkError} */
async function callNewer<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await callObject(call);
  } catch (cause) {
    if (!isMethodMissing(cause)) throw cause;
    throw new UnsupportedWorkError("The object runs an older version", { cause });
  }
}
