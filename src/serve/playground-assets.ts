import { cp, mkdir, mkdtemp, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url).href);
const output = join(root, "dist/playground");
/** Files that affect the page besides its modules. */
const settings = [
  "vite.config.ts",
  "package-lock.json",
  "src/playground/index.html",
  "src/playground/public/_headers",
];

/**
 * Returns the folder with the files of the playground. Builds them when they are missing or older than their sources.
 * @throws {Error} when they cannot be built
 */
export async function playgroundAssets(): Promise<string> {
  if (await isFresh()) return output;
  await mkdir(join(root, "dist"), { recursive: true });
  const fresh = await mkdtemp(`${output}-`);
  const old = `${fresh}-old`;
  try {
    const { build } = await import("vite");
    await build({ configFile: join(root, "vite.config.ts"), build: { outDir: fresh } });
    // Rename the whole folder, so that readers never see a part of it.
    await rename(output, old).catch(() => {});
    await rename(fresh, output).catch(async (error: NodeJS.ErrnoException) => {
      // Another process has built the same files.
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    });
  } finally {
    await rm(fresh, { recursive: true, force: true });
    await rm(old, { recursive: true, force: true });
  }
  return output;
}

/**
 * Copies the playground, because a build may replace it while it is served.
 * @returns the folder of the copy; that of the original on a full disk, on which the server still has to start
 */
export async function copyPlayground(folder: string): Promise<string> {
  const assets = await playgroundAssets();
  await rm(folder, { recursive: true, force: true });
  try {
    await cp(assets, folder, { recursive: true });
    return folder;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    return assets;
  }
}

async function isFresh(): Promise<boolean> {
  try {
    const list = join(output, "sources.json");
    const [sources, built] = await Promise.all([readFile(list, "utf8"), stat(list)]);
    const paths = [...settings, ...(JSON.parse(sources) as string[])];
    const stats = await Promise.all(paths.map((path) => stat(join(root, path))));
    return stats.every(({ mtimeMs }) => mtimeMs <= built.mtimeMs);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}
