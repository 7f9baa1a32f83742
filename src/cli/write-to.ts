import { createWriteStream } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** Writes bytes into a file, which has all of them or is not there, or to stdout for `-`. */
export async function writeTo(dest: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  if (dest === "-") return pipeline(Readable.from(bytes), process.stdout, { end: false });
  await mkdir(dirname(dest), { recursive: true });
  const fresh = `${dest}.${process.pid}.part`;
  try {
    await pipeline(Readable.from(bytes), createWriteStream(fresh));
    await rename(fresh, dest);
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
}
