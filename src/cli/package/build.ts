import { chmodSync, cpSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { englishOnly, licensesOf } from "../../machine/bundles.ts";
import { playgroundAssets } from "../../serve/playground-assets.ts";
import { replacements } from "./replacements.ts";

// Makes dist/cli, the command as it is published: Node runs no TypeScript below node_modules. `npm pack` does it.

const root = fileURLToPath(new URL("../../../", import.meta.url).href);
const outdir = join(root, "dist/cli");

/** Modules that are replaced in the package. */
const inPackage = replacements(root, {
  "node:zlib": "src/cli/package/zlib.ts",
  "./worker-bundle.ts": "src/cli/package/worker-bundle.ts",
  "./playground-assets.ts": "src/cli/package/playground-assets.ts",
  "./web-socket.ts": "src/cli/package/web-socket.ts",
});

rmSync(outdir, { recursive: true, force: true });
const command = await build({
  absWorkingDir: root,
  metafile: true,
  // The others are started by the first: as programs where steps run in a user namespace and for ports of containers, and as
  // threads.
  entryPoints: {
    varve: "src/cli/varve.ts",
    "runner-program": "src/runner/runner-program.ts",
    "port-program": "src/runner/port-program.ts",
    "front-program": "src/serve/front/front-program.ts",
    "layer-program": "src/serve/objects/layer-program.ts",
  },
  inject: ["src/cli/package/standards.ts"],
  plugins: [inPackage, englishOnly],
  external: ["miniflare"],
  // `ws` is CommonJS and requires modules of Node.
  banner: {
    js: 'import { createRequire as createRequireOf } from "node:module";const require = createRequireOf(import.meta.url);',
  },
  outdir,
  bundle: true,
  splitting: true,
  minifySyntax: true,
  format: "esm",
  platform: "node",
  target: "node20",
  charset: "utf8",
  legalComments: "none",
  logLevel: "error",
});
chmodSync(join(outdir, "varve.js"), 0o755);
const worker = await build({
  absWorkingDir: root,
  entryPoints: ["src/worker/index.ts"],
  metafile: true,
  plugins: [englishOnly],
  outfile: join(outdir, "worker.js"),
  bundle: true,
  format: "esm",
  target: "es2024",
  conditions: ["workerd", "worker", "browser"],
  external: ["node:*", "cloudflare:*"],
  logLevel: "error",
});
cpSync(await playgroundAssets(), join(outdir, "playground"), { recursive: true });
writeFileSync(join(outdir, "licenses.txt"), licensesOf([command.metafile, worker.metafile], root));
