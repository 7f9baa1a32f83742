import { createInflate, type Inflate, inflateSync, type ZlibOptions } from "node:zlib";
import { spend } from "../../../streams/turns.ts";
import { GitError } from "./git-error.ts";
import type { PackWindow } from "./pack-window.ts";

/** Bytes that zlib is given, and that it gives, at a time. */
const STEP = 65536;

/** What `inflateSync` answers with the option `info`, which is documented but not in its types. */
interface Inflated {
  buffer: Uint8Array;
  /** `bytesWritten`: compressed bytes that were used. */
  engine: { bytesWritten: number };
}

/**
 * The zlib stream at the start of `input`, which must become `size` bytes, and how many bytes of `input` it takes.
 * Undefined when `input` does not begin with the whole of such a stream.
 */
export function inflateWhole(
  input: Uint8Array,
  size: number,
): { bytes: Uint8Array; used: number } | undefined {
  // Room to spare, so that zlib sees the end of the stream in the same pass.
  const room = size + 64;
  const options: ZlibOptions = { chunkSize: room, maxOutputLength: room, info: true };
  try {
    const { buffer, engine } = inflateSync(input, options) as unknown as Inflated;
    return buffer.length === size ? { bytes: buffer, used: engine.bytesWritten } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Consumes the zlib stream that comes next, which must become `size` bytes, without holding it whole. The stream
 * is consumed when the iteration has ended, not before.
 */
export async function* inflateStream(
  window: PackWindow,
  size: number,
  what: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const engine = createInflate({ chunkSize: STEP });
  const feeding = feed(window, engine, what).catch((error: unknown) => {
    engine.destroy(error as Error);
  });
  let produced = 0;
  try {
    for await (const chunk of engine as AsyncIterable<Uint8Array>) {
      produced += chunk.length;
      if (produced > size) break;
      const turn = spend(chunk.length);
      if (turn !== undefined) await turn;
      yield chunk;
    }
  } catch (error) {
    if (error instanceof GitError) throw error;
    throw new GitError("git-corrupt", `Cannot read ${what}: ${(error as Error).message}`, { cause: error });
  } finally {
    engine.destroy();
    await feeding;
  }
  if (produced !== size) {
    const length = produced > size ? "is longer than" : `has ${produced} bytes instead of`;
    throw new GitError("git-corrupt", `Cannot read ${what}: it ${length} ${size} bytes`);
  }
}

/** Gives zlib what comes in until it wants no more: what follows the end of its stream is left where it is. */
async function feed(window: PackWindow, engine: Inflate, what: string): Promise<void> {
  let proceed = () => {};
  engine.once("close", () => proceed());
  for (;;) {
    if (!(await window.fill(1))) {
      throw new GitError("git-corrupt", `Cannot read ${what}: the pack ends inside it`);
    }
    const turn = spend(STEP);
    if (turn !== undefined) await turn;
    const input = window.view().subarray(0, STEP);
    const before = engine.bytesWritten;
    await new Promise<void>((resolve) => {
      // At its end, or after an error, zlib closes and need not answer any more; both show below.
      proceed = resolve;
      if (engine.closed) resolve();
      else engine.write(input, () => resolve());
    });
    const used = engine.bytesWritten - before;
    window.advance(used);
    if (used < input.length) return;
  }
}
