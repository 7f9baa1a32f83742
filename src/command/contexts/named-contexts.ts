import { realpathSync } from "node:fs";
import { join } from "node:path";
import { readIgnoreFile } from "../../dockerignore/read.ts";
import type { BuildTools } from "../build/build-tools.ts";
import { CommandError } from "../command-error.ts";
import { readTextIfExists } from "../read-text.ts";
import { isFolder } from "./folder-build.ts";
import { type ContextFolder, FolderContexts } from "./folder-contexts.ts";
import { gitReference } from "./other-contexts.ts";

/**
 * The value of `--build-context` as the options of the build name it: everything except folders is sent to the server
 * first.
 * @throws {CommandError}
 */
export async function readNamedContext(
  name: string,
  source: string,
  tools: BuildTools,
): Promise<string | ContextFolder> {
  if (source.startsWith("docker-image://")) return source;
  if (source.startsWith("oci-layout://")) {
    const { sendLayout } = await import("./oci-layout-context.ts");
    return sendLayout(name, source.slice("oci-layout://".length), tools);
  }
  if (isFolder(source)) return folderOf(name, source, `context:${name}`);
  const git = gitReference(source);
  if (git !== undefined) {
    const { checkout } = await import("../../machine/git-checkout.ts");
    using files = await checkout(git);
    return await sendFolder(folderOf(name, files.folder, undefined), tools);
  }
  throw new CommandError(
    `invalid context source ${JSON.stringify(source)} for ${name}: no such folder`,
    "A context must be a folder, docker-image://NAME, oci-layout://PATH or the URL of a git repository.",
  );
}

/** Sends a whole folder, for a build whose paths are not known. @returns the digest of the context */
export async function sendFolder(folder: ContextFolder, tools: BuildTools): Promise<string> {
  const contexts = new FolderContexts([folder], tools.service.signal);
  contexts.select({ [folder.name]: null });
  await contexts.read();
  await contexts.send(tools);
  contexts.remember();
  return contexts.namedDigests[folder.name] as string;
}

function folderOf(name: string, source: string, use: string | undefined): ContextFolder {
  const path = realpathSync(source);
  const ignoreFile = join(path, ".dockerignore");
  const text = readTextIfExists(ignoreFile);
  return { name, path, ignore: readIgnoreFile(text ?? ""), ignoreFile: { path: ignoreFile, text }, use };
}
