import { readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { readIgnoreFile } from "../dockerignore/read.ts";
import { FolderContext } from "../machine/local-context.ts";
import type { BuildTools } from "./build-tools.ts";
import { CommandError } from "./command-error.ts";
import { cacheFile, isFolder } from "./folder-build.ts";
import { gitReference } from "./other-contexts.ts";
import { sendContext } from "./send-context.ts";

/**
 * Gives the server what `--build-context` names, and what it is to be called in the options of the build.
 * @throws {CommandError}
 */
export async function sendNamedContext(name: string, source: string, tools: BuildTools): Promise<string> {
  if (source.startsWith("docker-image://")) return source;
  if (source.startsWith("oci-layout://")) {
    const { sendLayout } = await import("./oci-layout-context.ts");
    return sendLayout(name, source.slice("oci-layout://".length), tools);
  }
  if (isFolder(source)) return sendFolder(name, source, tools);
  const git = gitReference(source);
  if (git !== undefined) {
    const { checkout } = await import("../machine/git-checkout.ts");
    using files = await checkout(git);
    return await sendFolder(name, files.folder, tools, { isTemporary: true });
  }
  throw new CommandError(
    `invalid context source ${JSON.stringify(source)} for ${name}: no such folder`,
    "A context is a folder, docker-image://NAME, oci-layout://PATH or the URL of a git repository.",
  );
}

async function sendFolder(
  name: string,
  path: string,
  tools: BuildTools,
  { isTemporary = false } = {},
): Promise<string> {
  const folder = realpathSync(path);
  const context = new FolderContext(folder, {
    ignore: readIgnoreFile(ignoreText(folder)),
    cache: isTemporary ? undefined : cacheFile(folder, `context:${name}`),
  });
  await sendContext(context, `[context ${name}] load from client`, tools);
  context.remember();
  return context.digest;
}

function ignoreText(folder: string): string {
  try {
    return readFileSync(join(folder, ".dockerignore"), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}
