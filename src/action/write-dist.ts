import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Metafile, type Plugin } from "esbuild";

const root = fileURLToPath(new URL("../../", import.meta.url).href);

/** Messages of zod in fifty languages would be a quarter of the bundle. */
const englishOnly: Plugin = {
  name: "english-only",
  setup({ onLoad }) {
    onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: 'export { default as en } from "./en.js";',
    }));
  },
};

/** What GitHub runs, by path: it installs nothing, so all of it is in the repository. */
async function distFiles(): Promise<Record<string, string>> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: ["src/action/index.ts"],
    bundle: true,
    write: false,
    metafile: true,
    outfile: "dist/index.mjs",
    format: "esm",
    platform: "node",
    target: "node24",
    charset: "utf8",
    legalComments: "none",
    logLevel: "error",
    plugins: [englishOnly],
  });
  const [bundle] = outputFiles;
  if (bundle === undefined) throw new Error("Cannot bundle the Action: no output");
  return { "dist/index.mjs": bundle.text, "dist/licenses.txt": licenses(metafile) };
}

/** The licenses of the packages in the bundle, word by word. */
function licenses({ inputs }: Metafile): string {
  const paths = Object.keys(inputs);
  const stray = paths.find((path) => path.startsWith(".."));
  // Its path would be in the bundle, and be another one on every machine.
  if (stray !== undefined) throw new Error(`Cannot bundle ${stray}: it is not in the repository`);
  const folders = new Set(paths.flatMap((path) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []));
  const texts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    const file = readdirSync(join(root, folder)).find((one) => /^licen[cs]e/i.test(one));
    if (file === undefined) throw new Error(`Cannot tell the license of ${name}: it has no such file`);
    return `${name} ${version} (${license})\n\n${readFileSync(join(root, folder, file), "utf8").trim()}\n`;
  });
  return texts.join(`\n${"-".repeat(80)}\n\n`);
}

const files = await distFiles();
if (process.argv.includes("--check")) {
  const stale = Object.entries(files).filter(([path, text]) => readIfThere(join(root, path)) !== text);
  for (const [path] of stale)
    console.error(`${path} is not what the source makes: run npm run dist, and commit it`);
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  for (const [path, text] of Object.entries(files)) writeFileSync(join(root, path), text);
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
