import { join } from "node:path";
import { isFolder, readLocalDockerfile } from "../command/contexts/folder-build.ts";
import type { BuildFlags } from "../command/flags/build-flags.ts";
import { ignoreMatcher } from "../dockerignore/match.ts";
import { readIgnoreFile } from "../dockerignore/read.ts";
import { tryReadText } from "../runner/files/read-text.ts";

/**
 * Whether the context contains the token that actions/checkout leaves in `.git/config`. `COPY . .` would publish it in the
 * image.
 */
export async function hasCheckoutToken({ context, file }: BuildFlags): Promise<boolean> {
  const config = ".git/config";
  if (!isFolder(context) || !/^[\t ]*extraheader[\t ]*=/im.test(tryReadText(join(context, config)) ?? ""))
    return false;
  const { ignore } = await readLocalDockerfile(context, file);
  return !ignoreMatcher(readIgnoreFile(ignore)).excludes(config);
}
