import { globSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url).href);
/** What the page is made of. */
const sources = ["src/**/*.*", "schemas/*.ts", "vite.config.ts", "package-lock.json"];

/**
 * The folder with the files of the playground. Builds them when they are not there, or older than what they are made of.
 * @throws {Error} when they cannot be built
 */
export async function playgroundAssets(): Promise<string> {
  const folder = join(root, "dist/playground");
  if (await isFresh(join(folder, "manifest.json"))) return folder;
  const { build } = await import("vite");
  await build({ configFile: join(root, "vite.config.ts") });
  return folder;
}

async function isFresh(manifest: string): Promise<boolean> {
  const built = await stat(manifest).catch(() => undefined);
  if (built === undefined) return false;
  const times = await Promise.all(
    globSync(sources, { cwd: root }).map(async (path) => (await stat(join(root, path))).mtimeMs),
  );
  return times.every((time) => time <= built.mtimeMs);
}
