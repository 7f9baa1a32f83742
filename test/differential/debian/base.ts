import { execFile, execFileSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { amd64, PATH } from "../bases/image.ts";
import { type ImageBytes, imageOf } from "../bases/oci.ts";

/** Its name in Dockerfiles. */
export const DEBIAN = "debian:trixie";
/** The same with a compiler and programs that read files, so that not every case installs them. */
export const TOOLS = "debian:tools";

export const toolsDockerfile = `FROM ${DEBIAN}
RUN apt-get update && apt-get install -y --no-install-recommends \\
  acl attr binutils busybox-static file gcc libc6-dev libcap2-bin make python3-minimal \\
  && rm -rf /var/lib/apt/lists/*
`;

/** Time of what mmdebstrap makes itself: well before a build. */
const EPOCH = 1_700_000_000;

/**
 * Debian's minimal system, made by mmdebstrap from the sources of this machine's apt. Sources and proxies are copied
 * into the image, so that steps install packages from the same servers.
 * @throws {Error} when mmdebstrap is missing or fails
 */
export async function makeDebian(): Promise<ImageBytes> {
  const folder = await mkdtemp(join(tmpdir(), "varve-debian-"));
  try {
    const [sources, archive] = [join(folder, "sources"), join(folder, "rootfs.tar")];
    await writeFile(sources, await aptSources());
    await writeFile(join(folder, "docker-clean"), dockerClean);
    await promisify(execFile)(
      "mmdebstrap",
      [
        ...["--mode=root", "--variant=minbase", "--format=tar", "--dpkgopt=force-unsafe-io"],
        ...aptOptions().map((line) => `--aptopt=${line}`),
        `--customize-hook=copy-in ${folder}/docker-clean /etc/apt/apt.conf.d`,
        // Debian's own images have no caches of apt.
        '--customize-hook=rm --force "$1"/var/cache/apt/pkgcache.bin "$1"/var/cache/apt/srcpkgcache.bin',
        ...["trixie", archive, sources],
      ],
      { env: { ...process.env, SOURCE_DATE_EPOCH: String(EPOCH) }, maxBuffer: 2 ** 24 },
    );
    return imageOf({
      name: DEBIAN,
      platform: amd64,
      config: { Env: [PATH], Cmd: ["bash"] },
      layers: [{ createdBy: "ADD rootfs.tar / # buildkit", tar: await readFile(archive) }],
      emptyHistory: ['CMD ["bash"]'],
    });
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

/** How this machine's apt reaches its sources. */
function aptOptions(): string[] {
  const all = execFileSync("apt-config", ["dump"], { encoding: "utf8" }).split("\n");
  return [
    ...all.filter((line) => /^Acquire::(?:https?::|Check-|Retries)[^"]*"[^"]+"/.test(line)),
    'Acquire::Languages "none"',
    'APT::AutoRemove::SuggestsImportant "false"',
  ];
}
