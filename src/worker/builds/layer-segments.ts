import type { Segments } from "../../engine/solve/write-layer.ts";
import { backoff, systemClock } from "../../store/retry.ts";
import { sha256 } from "../../streams/sha256.ts";
import type { Env } from "../environment.ts";
import { isObjectInterrupted } from "../http/object-interrupted.ts";

/** Attempts of one call. */
const attempts = 5;

/**
 * Divides the work on large layers among objects, each with its own limit of CPU time. Undefined on a local server, whose
 * layer program has no such limit.
 * @param build the build id
 */
export function segmentsOf(
  { LAYER_SEGMENTS, LAYERS }: Pick<Env, "LAYER_SEGMENTS" | "LAYERS">,
  build: string,
): ((name: string) => Segments) | undefined {
  if (LAYERS !== undefined) return undefined;
  return (name) => {
    const folder = `spool/${sha256(`${build} ${name}`).slice("sha256:".length)}/`;
    // A stub that has failed cannot be used again.
    const objectOf = (part: string) => LAYER_SEGMENTS.getByName(part);
    return {
      folder,
      worker: {
        compress: (task) => withAttempts(() => objectOf(task.key).compress(task)),
        hash: (number, compression, chunks) =>
          withAttempts(() => objectOf(`${folder}hash`).hash(number, compression, chunks)),
        put: (blob) => withAttempts(() => objectOf(`${folder}put`).put(blob)),
      },
    };
  };
}

async function withAttempts<T>(call: () => Promise<T>): Promise<T> {
  for (let before = 0; ; before++) {
    try {
      return await call();
    } catch (error) {
      if (before + 1 === attempts || !isObjectInterrupted(error)) throw error;
      await systemClock.sleep(backoff("fault", before, systemClock.random()));
    }
  }
}
