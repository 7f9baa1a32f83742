import { mkdirSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { makeExecutable } from "./executable.ts";

// `npm run executable [-- FILE]`: one executable for this machine, by default dist/executable/varve.

const root = fileURLToPath(new URL("../../../", import.meta.url).href);
const outfile = resolve(process.argv[2] ?? join(root, "dist/executable/varve"));
mkdirSync(dirname(outfile), { recursive: true });
const node = realpathSync(join(root, "node_modules/node/bin/node"));
await makeExecutable({ root, node, outfile, compiles: true });
console.log(outfile);
