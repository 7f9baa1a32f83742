import { createInflate, type Inflate, inflateSync } from "node:zlib";
import { inflateStart } from "../../../compression/inflate.ts";
import { spend } from "../../../streams/turns.ts";
import { corruptGitError, GitError } from "./git-error.ts";
import type { PackWindow } from "./pack-window.ts";

/** Bytes per call of zlib, for input and output. */
const STEP = 65536;

/**
 * Inflates the zlib stream at the start of `input`, which must produce `size` bytes. Returns the output and the number
 * of consumed bytes. Undefined when `input` does not begin with a complete stream.
 */
export function inflateWhole(
  input: Uint8Array,
  size: number,
): { bytes: Uint8Array; used: number } | undefined {
  // Extra space, so that zlib reads the end of the stream in the same pass.
  const room = size + 64;
  try {
    const inflated = inflateStart(inflateSync, input, { chunkSize: room, maxOutputLength: room });
    return inflated.bytes.length === size ? inflated : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Inflates the next zlib stream, which must produce `size` bytes, without buffering it. Callers must finish the iteration
 * before they read on from the window.
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
    throw corruptGitError(what, `it ${length} ${size} bytes`);
  }
}

/** Feeds zlib until its stream ends; bytes after the end remain in the window. */
async function feed(window: PackWindow, engine: Inflate, what: string): Promise<void> {
  let proceed = () => {};
  engine.once("close", () => proceed());
  for (;;) {
    if (!(await window.fill(1))) {
      throw corruptGitError(what, "the pack ends inside it");
    }
    const turn = spend(STEP);
    if (turn !== undefined) await turn;
    const input = window.view().subarray(0, STEP);
    const before = engine.bytesWritten;
    await new Promise<void>((resolve) => {
      // After its end or an error, zlib closes and may not call back; both are detected below.
      proceed = resolve;
      if (engine.closed) resolve();
      else engine.write(input, () => resolve());
    });
    const used = engine.bytesWritten - before;
    window.advance(used);
    if (used < input.length) return;
  }
}
