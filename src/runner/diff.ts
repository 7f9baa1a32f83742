import { Readable } from "node:stream";
import { createZstdCompress } from "node:zlib";
import { runCommand } from "./command.ts";

/**
 * The archive of an upper directory in overlayfs's own form, given to `take`.
 * @throws {CommandError} when it cannot be read
 */
export async function archiveUpper(
  upper: string,
  options: { compress: boolean; signal: AbortSignal },
  take: (archive: AsyncIterable<Uint8Array>) => Promise<void>,
): Promise<void> {
  await runCommand("tar", CREATE.concat(upper, "."), {
    signal: options.signal,
    output: (stdout) => take(options.compress ? Readable.from(stdout).pipe(createZstdCompress()) : stdout),
  });
}

const CREATE: readonly string[] = [
  "--create",
  "--file=-",
  "--format=posix",
  // Times of access and change are nobody's business.
  "--pax-option=delete=atime,delete=ctime",
  "--numeric-owner",
  "--xattrs",
  "--xattrs-include=*",
  "--sparse",
  // One write fills a pipe.
  "--blocking-factor=128",
  "--directory",
];
