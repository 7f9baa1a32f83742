import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Metafile, Plugin } from "esbuild";

// Shared settings for bundles of this repository: those of the Action and of the published command.

/** Excludes zod's messages in fifty languages, a quarter of a bundle. */
export const englishOnly: Plugin = {
  name: "english-only",
  setup({ onLoad }) {
    onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: 'export { default as en } from "./en.js";',
    }));
  },
};

/**
 * The license texts of the packages in bundles.
 * @param root folder of the repository
 * @throws {Error} when a package states no license, or a bundled file is outside the repository
 */
export function licensesOf(metafiles: readonly Metafile[], root: string): string {
  const paths = metafiles.flatMap(({ inputs }) => Object.keys(inputs));
  const stray = paths.find((path) => path.startsWith(".."));
  // Its path would become part of the bundle and differ on every machine.
  if (stray !== undefined) throw new Error(`Cannot bundle ${stray}: it is not in the repository`);
  const folders = new Set(paths.flatMap((path) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []));
  const texts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    const file = readdirSync(join(root, folder)).find((one) => /^licen[cs]e/i.test(one));
    if (license === undefined)
      throw new Error(`Cannot determine the license of ${name}: its package.json states none`);
    const words = file === undefined ? "" : `\n${readFileSync(join(root, folder, file), "utf8").trim()}\n`;
    return `${name} ${version} (${license})\n${words}`;
  });
  return texts.join(`\n${"-".repeat(80)}\n\n`);
}
