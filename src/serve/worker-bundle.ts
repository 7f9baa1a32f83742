import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const main = fileURLToPath(new URL("../worker/index.ts", import.meta.url).href);

const bundled = new Map<string, Promise<string>>();

/** Bundles the Worker, or another entry, into one module: once for all servers of this process. */
export function bundleWorker(entry = main): Promise<string> {
  const known = bundled.get(entry) ?? bundle(entry);
  bundled.set(entry, known);
  return known;
}

async function bundle(entry: string): Promise<string> {
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
