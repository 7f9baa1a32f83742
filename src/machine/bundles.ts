import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Metafile, Plugin } from "esbuild";

// What bundles of this repository have in common: the Action's and that of the command as it is published.

/** Messages of zod in fifty languages would be a quarter of a bundle. */
export const englishOnly: Plugin = {
  name: "english-only",
  setup({ onLoad }) {
    onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: 'export { default as en } from "./en.js";',
    }));
  },
};

/**
 * The licenses of the packages in bundles, word by word where the package has the words.
 * @param root folder of the repository
 * @throws {Error} when a package does not say, or something is in them that is not in the repository
 */
export function licensesOf(metafiles: readonly Metafile[], root: string): string {
  const paths = metafiles.flatMap(({ inputs }) => Object.keys(inputs));
  const stray = paths.find((path) => path.startsWith(".."));
  // Its path would be in the bundle, and be another one on every machine.
  if (stray !== undefined) throw new Error(`Cannot bundle ${stray}: it is not in the repository`);
  const folders = new Set(paths.flatMap((path) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []));
  const texts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    const file = readdirSync(join(root, folder)).find((one) => /^licen[cs]e/i.test(one));
    if (license === undefined) throw new Error(`Cannot tell the license of ${name}: it does not say`);
    const words = file === undefined ? "" : `\n${readFileSync(join(root, folder, file), "utf8").trim()}\n`;
    return `${name} ${version} (${license})\n${words}`;
  });
  return texts.join(`\n${"-".repeat(80)}\n\n`);
}
