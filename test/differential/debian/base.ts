import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { amd64, PATH } from "../bases/image.ts";
import type { ImageParts } from "../bases/oci.ts";

/** Its name in Dockerfiles. */
export const DEBIAN = "debian:trixie";
/** The same with a compiler and programs that read files, so that not every case installs them. */
export const TOOLS = "debian:tools";

export const toolsDockerfile = `FROM ${DEBIAN}
RUN apt-get update && apt-get install -y --no-install-recommends \\
  acl attr binutils busybox-static file gcc libc6-dev libcap2-bin make python3-minimal \\
  && rm -rf /var/lib/apt/lists/*
`;

/** Time of files that mmdebstrap creates: well before a build. */
const EPOCH = 1_700_000_000;

/** Where the suites of a run find the archive that the first of them made. `npm ci` empties it. */
const archives = join(import.meta.dirname, "../../../node_modules/.cache/varve");

/**
 * Debian's minimal system, made by mmdebstrap from the sources of this machine's apt: once a day. Sources and proxies are
 * copied into the image, so that steps install packages from the same servers.
 * @throws {Error} when mmdebstrap is missing or fails
 */
export async function makeDebian(): Promise<ImageParts> {
  return {
    name: DEBIAN,
    platform: amd64,
    config: { Env: [PATH], Cmd: ["bash"] },
    layers: [{ createdBy: "ADD rootfs.tar / # buildkit", tar: await rootfs() }],
    emptyHistory: ['CMD ["bash"]'],
  };
}

async function rootfs(): Promise<Uint8Array> {
  const sources = await aptSources();
  const options = aptOptions();
  const settings = createHash("sha256")
    .update(JSON.stringify([sources, options, dockerClean]))
    .digest("hex");
  const today = new Date().toISOString().slice(0, 10);
  const archive = join(archives, `debian-${today}-${settings.slice(0, 12)}.tar`);
  if (!existsSync(archive)) {
    await mkdir(archives, { recursive: true });
    for (const name of await readdir(archives)) {
      if (/^debian-.*\.tar$/.test(name)) await rm(join(archives, name), { force: true });
    }
    await bootstrap(archive, sources, options);
  }
  return readFile(archive);
}

async function bootstrap(archive: string, sources: string, options: string[]): Promise<void> {
  const folder = await mkdtemp(join(archives, "mmdebstrap-"));
  try {
    const [list, made] = [join(folder, "sources"), join(folder, "rootfs.tar")];
    await writeFile(list, sources);
    await writeFile(join(folder, "docker-clean"), dockerClean);
    await promisify(execFile)(
      "mmdebstrap",
      [
        ...["--mode=root", "--variant=minbase", "--format=tar", "--dpkgopt=force-unsafe-io"],
        ...options.map((line) => `--aptopt=${line}`),
        `--customize-hook=copy-in ${folder}/docker-clean /etc/apt/apt.conf.d`,
        // Debian's own images have no caches of apt.
        '--customize-hook=rm --force "$1"/var/cache/apt/pkgcache.bin "$1"/var/cache/apt/srcpkgcache.bin',
        ...["trixie", made, list],
      ],
      { env: { ...process.env, SOURCE_DATE_EPOCH: String(EPOCH) }, maxBuffer: 2 ** 24 },
    );
    await rename(made, archive);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** This machine's sources in the format deb822, without folders of this machine. */
async function aptSources(): Promise<string> {
  const folder = "/etc/apt/sources.list.d";
  const names = (await readdir(folder)).filter((name) => name.endsWith(".sources")).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  const paragraphs = texts.flatMap((text) => text.split(/\n\s*\n/)).map((text) => text.trim());
  return paragraphs
    .filter((text) => /^URIs:/m.test(text) && !/^URIs:\s*file:/m.test(text))
    .map((text) => `${text}\n`)
    .join("\n");
}

/** Settings of Debian's own images, which keep packages out of them. */
const dockerClean = `DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin || true"; };
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
`;

/** Settings with which this machine's apt reaches its sources. */
function aptOptions(): string[] {
  const all = execFileSync("apt-config", ["dump"], { encoding: "utf8" }).split("\n");
  return [
    ...all.filter((line) => /^Acquire::(?:https?::|Check-|Retries)[^"]*"[^"]+"/.test(line)),
    'Acquire::Languages "none"',
    'APT::AutoRemove::SuggestsImportant "false"',
  ];
}
