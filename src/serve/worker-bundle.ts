import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const main = fileURLToPath(new URL("../worker/index.ts", import.meta.url).href);

/** Bundles the Worker, or another entry, into one module. */
export async function bundleWorker(entry = main): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["node:*", "cloudflare:*"],
    logLevel: "silent",
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error("Cannot bundle the Worker: no output");
  return file.text;
}
