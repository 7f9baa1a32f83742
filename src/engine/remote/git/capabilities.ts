import type { ByteReader } from "../../../streams/byte-reader.ts";
import { splitKeyValue } from "../../../streams/cut.ts";
import { GitError } from "./git-error.ts";
import { packetText, readPacket } from "./pkt-line.ts";

/** Limit of the lines of an advertisement. */
const MAX_LINES = 200;

/**
 * Reads the capability advertisement of protocol version 2 (gitprotocol-v2(5)): values by name.
 * @throws {GitError} for another version
 */
export async function readCapabilities(source: ByteReader, name: string): Promise<Map<string, string>> {
  const capabilities = new Map<string, string>();
  let isVersion2 = false;
  for (let lines = 0; lines < MAX_LINES; lines++) {
    const next = await readPacket(source);
    if (next === undefined) break;
    if (typeof next === "string") {
      // The first flush ends the line that smart HTTP sends before the advertisement.
      if (isVersion2) return capabilities;
      continue;
    }
    const line = packetText(next);
    if (line.startsWith("ERR ")) {
      throw new GitError("git-refused", `Cannot read ${name}: the git server reports: ${line.slice(4)}`);
    }
    if (isVersion2) {
      capabilities.set(...splitKeyValue(line));
    } else if (line === "version 2") isVersion2 = true;
    else if (!line.startsWith("# service=")) break;
  }
  throw new GitError(
    "git-unsupported",
    `Cannot read ${name}: the server does not support version 2 of git's protocol`,
  );
}
