import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeExecutable } from "./executable.ts";

// `npm run image`: writes dist/image, from which the Dockerfile of the repository makes images.

const root = fileURLToPath(new URL("../../../", import.meta.url).href);
const out = join(root, "dist/image");
const node = realpathSync(join(root, "node_modules/node/bin/node"));

/** Dependencies of miniflare for features that varve does not use. */
const UNUSED = new Set(["sharp"]);
/** A second copy of the program in the package of this platform. */
const DUPLICATE = join(root, "node_modules/workerd/bin/workerd");

rmSync(out, { recursive: true, force: true });
mkdirSync(join(out, "state"), { recursive: true });
execFileSync(process.execPath, [join(root, "src/cli/package/build.ts")], { stdio: "inherit" });
cpSync(join(root, "dist/cli"), join(out, "server"), { recursive: true });
copyFileSync(node, join(out, "server/node"));
for (const folder of packagesOf(join(root, "node_modules/miniflare"))) {
  cpSync(folder, join(out, "server", folder.slice(root.length)), {
    recursive: true,
    // Nested packages are copied themselves.
    filter: (path) => path !== DUPLICATE && !path.slice(folder.length).startsWith("/node_modules"),
  });
}
await makeExecutable({ root, node, outfile: join(out, "varve"), compiles: true });

/** The folders of a package and of all packages that it depends on. */
function packagesOf(folder: string, found = new Set<string>()): Set<string> {
  if (found.has(folder)) return found;
  found.add(folder);
  const { dependencies, optionalDependencies } = JSON.parse(
    readFileSync(join(folder, "package.json"), "utf8"),
  );
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    const place = UNUSED.has(name) ? undefined : findPackage(name, folder);
    if (place !== undefined) packagesOf(place, found);
  }
  return found;
}

/** Undefined when the package is not installed, as those of other platforms are not. */
function findPackage(name: string, from: string): string | undefined {
  for (let folder = from; folder.length >= root.length - 1; folder = dirname(folder)) {
    const place = join(folder, "node_modules", name);
    if (existsSync(place)) return place;
  }
  return undefined;
}
