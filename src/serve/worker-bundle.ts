import { mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../../", import.meta.url).href);
const main = join(root, "src/worker/index.ts");

/** A bundle on disk. It is valid as long as its sources have these versions. */
interface StoredBundle {
  versions: Record<string, string>;
  text: string;
}

const bundled = new Map<string, Promise<string>>();

/**
 * Bundles the Worker, or another entry, into one module: once for all servers of this process. The bundle is stored on disk,
 * so that the next server starts without it until a source changes.
 */
export function bundleWorker(entry = main): Promise<string> {
  const known = bundled.get(entry) ?? readOrBundle(entry);
  bundled.set(entry, known);
  return known;
}

async function readOrBundle(entry: string): Promise<string> {
  const name = relative(root, entry).replaceAll("/", "-");
  const file = join(root, "node_modules/.cache/varve", `${name}.json`);
  const stored = await readValid(file).catch(() => undefined);
  if (stored !== undefined) return stored;
  const began = Date.now();
  const { text, inputs } = await bundle(entry);
  // Without write access, each server bundles the Worker.
  await store(file, text, inputs, began).catch(() => {});
  return text;
}

async function bundle(entry: string): Promise<{ text: string; inputs: string[] }> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    metafile: true,
    write: false,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["node:*", "cloudflare:*"],
    logLevel: "silent",
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error("Cannot bundle the Worker: no output");
  return { text: file.text, inputs: Object.keys(metafile.inputs) };
}

/** The text of a stored bundle; undefined when a source has changed. */
async function readValid(file: string): Promise<string | undefined> {
  const { versions, text }: StoredBundle = JSON.parse(await readFile(file, "utf8"));
  const current = await versionsOf(Object.keys(versions));
  return Object.entries(current).every(([path, version]) => versions[path] === version) ? text : undefined;
}

/** Stores a bundle, unless a source was changed while it was made. */
async function store(file: string, text: string, inputs: string[], began: number): Promise<void> {
  // Files of packages have the same times in each release.
  const versions = await versionsOf([...inputs, "package-lock.json"]);
  if (Object.values(versions).some((version) => Number.parseFloat(version) >= began)) return;
  await mkdir(dirname(file), { recursive: true });
  const written = `${file}.${process.pid}`;
  await writeFile(written, JSON.stringify({ versions, text } satisfies StoredBundle));
  await rename(written, file);
}

/** Time and size of each file. */
async function versionsOf(paths: string[]): Promise<Record<string, string>> {
  const versions = paths.map(async (path) => {
    const { mtimeMs, size } = await stat(join(root, path));
    return [path, `${mtimeMs} ${size}`];
  });
  return Object.fromEntries(await Promise.all(versions));
}
