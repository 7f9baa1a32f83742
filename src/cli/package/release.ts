import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  createReadStream,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { licensesOf } from "../../machine/bundles.ts";
import { releaseChangelog } from "./changelog.ts";
import { makeExecutable } from "./executable.ts";
import { type Artifact, checksums, releaseProvenance } from "./release-provenance.ts";

// `npm run release -- VERSION`: sets the version, dates the unreleased part of the changelog, and writes the files of the release into
// dist/release. Commits, tags and publishes nothing.

const root = fileURLToPath(new URL("../../../", import.meta.url).href);
const out = join(root, "dist/release");

const [version = ""] = process.argv.slice(2);
if (!/^\d+\.\d+\.\d+(-[0-9a-z.]+)?$/.test(version)) {
  console.error("Usage: npm run release -- VERSION, as 0.2.0");
  process.exitCode = 2;
} else {
  await release(version);
}

async function release(version: string): Promise<void> {
  const started = new Date().toISOString();
  if (run("git", "status", "--porcelain") !== "")
    throw new Error("Cannot release: there are changes that are not committed");
  const commit = run("git", "rev-parse", "HEAD");
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });

  const changelogFile = join(root, "CHANGELOG.md");
  const date = started.slice(0, "2026-01-01".length);
  const { changelog, notes } = releaseChangelog(readFileSync(changelogFile, "utf8"), version, date);
  writeFileSync(changelogFile, changelog);
  writeFileSync(join(out, "notes.md"), notes);
  run("npm", "version", "--no-git-tag-version", "--allow-same-version", version);

  run("npm", "pack", "--silent", "--pack-destination", out);
  const inputs: Artifact[] = [await digestFile(root, "package-lock.json")];
  for (const arch of ["x64", "arm64"]) {
    const folder = mkdtempSync(join(tmpdir(), "varve-release-"));
    try {
      const node = fetchNode(arch, folder);
      inputs.push({ ...(await digestFile(folder, node)), name: `node-linux-${arch}` });
      const outfile = join(out, `varve-${version}-linux-${arch}`);
      const compiles = arch === process.arch;
      const metafile = await makeExecutable({ root, node: join(folder, node), outfile, compiles });
      const license = readFileSync(join(folder, "package/LICENSE"), "utf8");
      const text = `Node.js\n\n${license}\n${"-".repeat(80)}\n\n${licensesOf([metafile], root)}`;
      writeFileSync(join(out, "licenses.txt"), text);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  const artifacts: Artifact[] = [];
  for (const name of readdirSync(out)
    .filter((one) => one.startsWith("varve-"))
    .sort())
    artifacts.push(await digestFile(out, name));
  writeFileSync(join(out, "SHA256SUMS"), checksums(artifacts));
  const finished = new Date().toISOString();
  const provenance = releaseProvenance(artifacts, { version, commit, inputs, started, finished });
  writeFileSync(join(out, "provenance.intoto.json"), `${JSON.stringify(provenance, null, 2)}\n`);
  for (const { name, sha256 } of artifacts) console.log(`${sha256}  dist/release/${name}`);
  console.log(
    `Review and commit CHANGELOG.md, package.json and package-lock.json, and tag the commit v${version}.`,
  );
}

/** The executable of Node from npm, of the version of this repository. @returns its path in `folder` */
function fetchNode(arch: string, folder: string): string {
  const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const name = `node-linux-${arch}@${devDependencies.node}`;
  const [{ filename }] = JSON.parse(run("npm", "pack", "--json", "--pack-destination", folder, name));
  run("tar", "-C", folder, "-xzf", join(folder, filename));
  return "package/bin/node";
}

async function digestFile(folder: string, name: string): Promise<Artifact> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(join(folder, name)), hash);
  return { name, sha256: hash.digest("hex") };
}

function run(program: string, ...args: string[]): string {
  return execFileSync(program, args, {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  }).trim();
}
