import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build, type Metafile } from "esbuild";
import { englishOnly } from "../../machine/bundles.ts";
import { HEAP_FLAG } from "../../runner/heap-flag.ts";
import { replacements } from "./replacements.ts";

/** The marker by which Node detects that it contains a program (Node's documentation, "Single executable applications"). */
const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";

interface ExecutableOptions {
  /** Folder of the repository. */
  root: string;
  /** The executable of Node that becomes this command. */
  node: string;
  outfile: string;
  /** Compile the program ahead. Only for the processor of this machine. */
  compiles: boolean;
}

/** Makes one executable of the command: Node with the bundle in it. */
export async function makeExecutable(options: ExecutableOptions): Promise<Metafile> {
  const { root, node, outfile, compiles } = options;
  const folder = mkdtempSync(join(tmpdir(), "varve-executable-"));
  try {
    const main = join(folder, "main.cjs");
    const blob = join(folder, "blob");
    const { metafile } = await build({
      absWorkingDir: root,
      metafile: true,
      entryPoints: ["src/cli/package/executable-main.ts"],
      plugins: [
        replacements(root, {
          "../../serve/serve.ts": "src/cli/package/no-server.ts",
          "./runner-program-words.ts": "src/cli/package/runner-program-words.ts",
          "../runner-program-words.ts": "src/cli/package/runner-program-words.ts",
          "./web-socket.ts": "src/cli/package/node-web-socket.ts",
        }),
        englishOnly,
      ],
      outfile: main,
      bundle: true,
      minify: true,
      keepNames: true,
      format: "cjs",
      platform: "node",
      target: "node24",
      charset: "utf8",
      legalComments: "none",
      logLevel: "error",
    });
    const settings = {
      main,
      output: blob,
      disableExperimentalSEAWarning: true,
      useCodeCache: compiles,
      execArgv: [HEAP_FLAG],
    };
    writeFileSync(join(folder, "sea.json"), JSON.stringify(settings));
    // Node accepts compiled code only under the flags under which it was compiled.
    const makeBlob = [HEAP_FLAG, "--experimental-sea-config", join(folder, "sea.json")];
    execFileSync(process.execPath, makeBlob, { stdio: "pipe" });
    copyFileSync(node, outfile);
    chmodSync(outfile, 0o755);
    const postject = join(root, "node_modules/postject/dist/cli.js");
    const injection = [outfile, "NODE_SEA_BLOB", blob, "--sentinel-fuse", FUSE];
    execFileSync(process.execPath, [postject, ...injection], { stdio: "pipe" });
    return metafile;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
