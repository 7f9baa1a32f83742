import { createHash, type Hash } from "node:crypto";
import type { StoredLayer } from "../../../schemas/runner.ts";
import { decompress } from "../../compression/decompress.ts";
import { LAYER_LIMITS } from "../../layers/limits.ts";
import { readAhead } from "../../streams/read-ahead.ts";
import { hashWhileReading } from "../../streams/sha256.ts";
import { verifyChunks } from "../../streams/verify.ts";
import type { Entry } from "../../tar/entry.ts";
import { readTar } from "../../tar/read.ts";
import { runProgram } from "../command.ts";
import { EXTRACT } from "../files/tar-flags.ts";
import { isInUserNamespace, requireIds } from "../sandbox/user-namespace.ts";
import type { DirectoryRecord } from "./directory-record.ts";
import { emptyRecord, type LayerMember, overlayMembers } from "./overlay-members.ts";

/** Bytes of a tar that are decompressed while earlier ones are written. */
const AHEAD = 4 * 1024 * 1024;

/**
 * Unpacks a layer into the empty directory `into`, as a lower directory of overlayfs, and verifies its digest, size and
 * diffID. When it throws, the files in `into` are not verified.
 *
 * @throws {TarError | CompressionError | ContentMismatchError | SizeMismatchError} when the layer is invalid
 * @throws {Error} when it cannot be written
 */
export async function unpackLayer(
  layer: StoredLayer,
  blob: AsyncIterable<Uint8Array>,
  into: string,
  options: { prefix: "trusted" | "user"; signal: AbortSignal },
): Promise<DirectoryRecord> {
  const plain = createHash("sha256");
  const { body } = await decompress(verifyChunks(blob, layer), LAYER_LIMITS);
  const tar = readAhead(hashWhileReading(body, plain), AHEAD);
  const members = readTar(tar, { ...LAYER_LIMITS, escapes: "refuse" });
  const record = await extractMembers(members, into, options);
  requireDiffId(layer, plain);
  return record;
}

function requireDiffId({ digest, diffId }: StoredLayer, plain: Hash): void {
  const actual = `sha256:${plain.digest("hex")}`;
  if (actual === diffId) return;
  throw new Error(`Cannot verify layer ${digest}: its diffID is ${actual}, not ${diffId}`);
}

/**
 * Checks digest, size and diffID of a layer without unpacking it.
 * @throws {CompressionError | ContentMismatchError | SizeMismatchError}
 */
export async function verifyLayerBlob(layer: StoredLayer, blob: AsyncIterable<Uint8Array>): Promise<void> {
  const plain = createHash("sha256");
  const { body } = await decompress(verifyChunks(blob, layer), LAYER_LIMITS);
  for await (const chunk of body) plain.update(chunk);
  requireDiffId(layer, plain);
}

/**
 * Writes the members of a layer into the empty directory `into`, as a lower directory of overlayfs.
 * @throws {TarError | Error}
 */
export async function extractMembers(
  members: AsyncIterable<LayerMember>,
  into: string,
  { prefix, signal }: { prefix: "trusted" | "user"; signal: AbortSignal },
): Promise<DirectoryRecord> {
  const record = emptyRecord();
  const input = overlayMembers(members, prefix, record, memberRule());
  // `--absolute-names` is safe because `overlayMembers` checks all paths. Without it, tar delays links and fails when one
  // is replaced meanwhile.
  await runProgram("tar", EXTRACT.concat("--absolute-names", "--directory", into), { input, signal });
  return record;
}

/**
 * The members that can be made: root of a user namespace cannot make devices, nor give files to users outside it.
 * @throws {Error}
 */
function memberRule(): (entry: Entry) => boolean {
  if (!isInUserNamespace()) return () => true;
  return ({ path, type, uid, gid }) => {
    requireIds({ uid, gid }, `${JSON.stringify(path)} belongs to ${uid}:${gid}`);
    return type !== "char" && type !== "block";
  };
}
