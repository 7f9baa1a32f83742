import type { Node } from "../../../rootfs/tree.ts";
import { toHex } from "../../../streams/hex.ts";
import { singleChunk } from "../../../streams/single-chunk.ts";
import { inTurns, spend } from "../../../streams/turns.ts";
import { maskUrl } from "../../url-credentials.ts";
import type { PackFiles } from "../pack-files.ts";
import { ENTRY_COST } from "./checkout.ts";
import { indexFile } from "./index-file.ts";
import { type ObjectFormat, SHA1 } from "./object-format.ts";
import { GitPackWriter, type PackedObject } from "./pack-writer.ts";
import type { ReceivedCommit } from "./received-commit.ts";

/** The origin of the commit, as `.git` records it. */
export interface GitDirRequest {
  remote: string;
  /** Full name of the branch or tag; a commit id when none was named. */
  reference: string;
}

/** The checked out commit and its objects. */
interface GitDirSource {
  /** The commit, or an annotated tag of it. */
  want: string;
  received: Pick<ReceivedCommit, "checkout" | "commit" | "objects" | "repository">;
  /** Maximum number of entries of a checkout. */
  limit: number;
}

const encoder = new TextEncoder();

/**
 * The `.git` directory of a shallow checkout with a detached HEAD. Equivalent to BuildKit's, but deterministic: the same
 * commit gives the same bytes.
 */
export async function* gitDirNodes(
  request: GitDirRequest,
  source: GitDirSource,
  files: PackFiles,
): AsyncGenerator<Node, void, undefined> {
  const { commit, checkout, repository } = source.received;
  const { format } = repository;
  const common = { uid: 0, gid: 0, mtime: commit.time };
  const dir = (path: string): Node => ({ ...common, path, type: "dir", mode: 0o755, size: 0 });
  const file = async (
    path: string,
    contents: string | Uint8Array | AsyncIterable<Uint8Array>,
    mode = 0o644,
  ): Promise<Node> => {
    const stored = await files.add(typeof contents === "string" ? encoder.encode(contents) : contents);
    return { ...common, path, type: "file", mode, ...stored };
  };
  yield dir(".git");
  yield await file(".git/HEAD", `${commit.id}\n`);
  yield await file(".git/config", config(request, format));
  yield await file(".git/index", await inTurns(indexFile(checkout.walk(commit.tree, source.limit), format)));
  yield dir(".git/objects");
  yield dir(".git/objects/info");
  yield dir(".git/objects/pack");
  const writer = new GitPackWriter(await collectObjects(source, files), format);
  const pack = await file("", writer.pack(), 0o444);
  const name = `.git/objects/pack/pack-${toHex(writer.checksum)}`;
  yield await file(`${name}.idx`, await inTurns(writer.index()), 0o444);
  yield { ...pack, path: `${name}.pack` };
  if (isReferenceName(request.reference)) {
    yield await file(".git/packed-refs", packedReferences(request.reference, source));
  }
  yield dir(".git/refs");
  yield dir(".git/refs/heads");
  yield dir(".git/refs/tags");
  yield await file(".git/shallow", `${commit.id}\n`);
}

/** All objects of the commit: first the tag and the commit, then directories, then files. */
async function collectObjects(
  { want, received, limit }: GitDirSource,
  files: PackFiles,
): Promise<PackedObject[]> {
  const { checkout, commit, objects } = received;
  const ids = new Set([...checkout.chain(want), commit.tree]);
  const blobs = new Set<string>();
  for (const { kind, id } of checkout.walk(commit.tree, limit)) {
    const turn = spend(ENTRY_COST);
    if (turn !== undefined) await turn;
    if (kind === "dir") ids.add(id);
    else if (kind !== "module") blobs.add(id);
  }
  return [...ids, ...blobs].flatMap((id) => {
    const object = objects.get(id);
    if (object === undefined) return [];
    const { type, size, digest, bytes } = object;
    const read = () =>
      bytes === undefined ? files.read({ digest: digest ?? "", size }) : singleChunk(bytes);
    return [{ id, type, size, read }];
  });
}

function config({ remote }: GitDirRequest, format: ObjectFormat): string {
  const isSha1 = format === SHA1;
  return [
    "[core]",
    `\trepositoryformatversion = ${isSha1 ? 0 : 1}`,
    "\tfilemode = true",
    "\tbare = false",
    "\tlogallrefupdates = true",
    ...(isSha1 ? [] : ["[extensions]", `\tobjectformat = ${format.name}`]),
    '[remote "origin"]',
    `\turl = ${quoteValue(maskUrl(remote))}`,
    "\tfetch = +refs/heads/*:refs/remotes/origin/*",
    "",
  ].join("\n");
}

function quoteValue(value: string): string {
  return `"${value.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n")}"`;
}

/** git-pack-refs(1): an annotated tag is followed by its peeled object. */
function packedReferences(reference: string, { want, received }: GitDirSource): string {
  const { commit } = received;
  const peeled = want === commit.id ? "" : `^${commit.id}\n`;
  return `# pack-refs with: peeled fully-peeled sorted \n${want} ${reference}\n${peeled}`;
}

/** git-check-ref-format(1). */
function isReferenceName(name: string): boolean {
  if (!name.startsWith("refs/") || name.endsWith(".") || name.includes("..") || name.includes("@{"))
    return false;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern finds them
  if (/[\x00-\x20\x7f~^:?*[\\]/.test(name)) return false;
  return name.split("/").every((part) => part !== "" && !part.startsWith(".") && !part.endsWith(".lock"));
}
