import { writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { englishOnly, licensesOf } from "../machine/bundles.ts";
import { tryReadText } from "../runner/files/read-text.ts";

const root = fileURLToPath(new URL("../../", import.meta.url).href);

/** The bundles that GitHub runs, by path. They are committed, because GitHub installs nothing. */
async function distFiles(): Promise<Record<string, string>> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    // The first one starts the second one where steps run in a user namespace.
    entryPoints: { index: "src/action/index.ts", "runner-program": "src/runner/runner-program.ts" },
    bundle: true,
    write: false,
    metafile: true,
    // `yaml` is CommonJS and requires modules of Node.
    banner: {
      js: 'import { createRequire as createRequireOf } from "node:module";const require = createRequireOf(import.meta.url);',
    },
    outdir: "dist",
    outExtension: { ".js": ".mjs" },
    format: "esm",
    platform: "node",
    target: "node24",
    charset: "utf8",
    legalComments: "none",
    logLevel: "error",
    plugins: [englishOnly],
  });
  // The other actions start the same program, which selects the action by the name of its file.
  const starters = ["bake", "join"].map((name) => [`dist/${name}.mjs`, 'import "./index.mjs";\n']);
  const programs = outputFiles.map(({ path, text }) => [relative(root, path), text]);
  return {
    ...Object.fromEntries([...programs, ...starters]),
    "dist/licenses.txt": licensesOf([metafile], root),
  };
}

const files = await distFiles();
if (process.argv.includes("--check")) {
  const stale = Object.entries(files).filter(([path, text]) => tryReadText(join(root, path)) !== text);
  for (const [path] of stale) console.error(`${path} is outdated: run npm run dist and commit it`);
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  for (const [path, text] of Object.entries(files)) writeFileSync(join(root, path), text);
}
