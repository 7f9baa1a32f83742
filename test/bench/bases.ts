import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { writeTar } from "../differential/archive/write.ts";
import { busyboxImage, findBusybox } from "../differential/bases/busybox.ts";
import { dir, file } from "../differential/bases/image.ts";
import { imageBytes, imageOf } from "../differential/bases/oci.ts";
import { pushImage } from "../differential/bases/push.ts";
import { makeDebian } from "../differential/debian/base.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { type DebianRegistry, startDebianRegistry } from "../registry/debian-registry.ts";
import type { Daemon } from "./builders/daemon.ts";
import { run } from "./machine/program.ts";
import { contextFiles } from "./make-context.ts";
import { type CachingProxy, stepAccess } from "./network/proxy.ts";

/** Debian's smallest system, the same with Node and npm, busybox, and busybox with an archive of 200 MB of files. */
export type BaseName = "debian:trixie" | "node:trixie" | "busybox:1" | "busybox:archive";

const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "varve-bench/bases");
/** Of files in the archive of `busybox:archive`. */
const ARCHIVED_BYTES = 200_000_000;

/** Node runs npm of any recent version; Debian's own package needs hundreds of others. */
const NPM = "npm@10.9.4";
const nodeDockerfile = `FROM debian:trixie
RUN apt-get update \\
 && apt-get install -y --no-install-recommends ca-certificates nodejs \\
 && rm -rf /var/lib/apt/lists/*
COPY package /usr/local/lib/node_modules/npm
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm \\
 && ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx \\
 && groupadd --gid 1000 node \\
 && useradd --uid 1000 --gid node --shell /bin/bash --create-home node
CMD ["node"]
`;

/** Makes base images, keeps them for the day, and copies them into registries. */
export class Bases {
  readonly #daemon: Daemon;
  readonly #proxy: CachingProxy;
  readonly #folder = join(folder, new Date().toISOString().slice(0, 10));

  constructor(daemon: Daemon, proxy: CachingProxy) {
    this.#daemon = daemon;
    this.#proxy = proxy;
  }

  /** Copies base images into a registry, under `library/`. */
  async copy(names: readonly BaseName[], registry: DebianRegistry): Promise<void> {
    for (const name of names) {
      const image = `oci:${await this.#layout(name)}:base`;
      const target = `docker://${registry.host}/library/${name}`;
      await run("skopeo", ["copy", "--quiet", "--dest-tls-verify=false", image, target]);
    }
  }

  /** Folder of an OCI layout with the image. */
  async #layout(name: BaseName): Promise<string> {
    const layout = join(this.#folder, name.replace(":", "-"));
    if (existsSync(layout)) return layout;
    await mkdir(this.#folder, { recursive: true });
    for (const day of await readdir(folder)) {
      if (join(folder, day) !== this.#folder) await rm(join(folder, day), { recursive: true });
    }
    await using registry = await startDebianRegistry();
    await this.#make(name, registry);
    const made = `${layout}.${process.pid}`;
    const source = `docker://${registry.host}/library/${name}`;
    await run("skopeo", ["copy", "--quiet", "--src-tls-verify=false", source, `oci:${made}:base`]);
    await rename(made, layout);
    return layout;
  }

  async #make(name: BaseName, registry: DebianRegistry): Promise<void> {
    if (name === "node:trixie") return this.#makeNode(registry);
    const [repository, tag] = name.split(":") as [string, string];
    const image =
      name === "debian:trixie" ? imageOf(await makeDebian()) : busybox(name === "busybox:archive");
    await pushImage(`${registry.url}/v2/library/${repository}`, tag, image);
  }

  async #makeNode(registry: DebianRegistry): Promise<void> {
    await this.copy(["debian:trixie"], registry);
    using context = temporaryFolder();
    const { stdout } = await run("npm", ["pack", "--silent", NPM], { cwd: context.path });
    await run("tar", ["--extract", "--file", stdout.trim()], { cwd: context.path });
    await writeFile(join(context.path, "Dockerfile"), nodeDockerfile);
    const name = `${registry.host}/library/node:trixie`;
    const debian = `debian:trixie=docker-image://${registry.host}/library/debian:trixie`;
    const { url } = stepAccess("docker", this.#proxy, this.#daemon.gateway);
    const flags = ["--build-context", debian, "--build-arg", `http_proxy=${url}`];
    await this.#daemon.docker(["buildx", "build", "--tag", name, ...flags, context.path]);
    await this.#daemon.docker(["push", "--quiet", name]);
  }
}

function busybox(hasArchive: boolean) {
  const image = busyboxImage(findBusybox());
  if (!hasArchive) return imageBytes(image);
  const createdBy = "COPY dependencies.tar.gz /";
  return imageBytes({ ...image, layers: [...image.layers, { createdBy, members: [archive()] }] });
}

/** What a Node project depends on. */
function archive() {
  const members = [];
  const directories = new Set<string>();
  let bytes = 0;
  for (const { path, content, mode } of contextFiles()) {
    const names = path.split("/").slice(0, -1);
    names.forEach((_, index) => {
      const directory = names.slice(0, index + 1).join("/");
      if (!directories.has(directory)) members.push(dir(directory));
      directories.add(directory);
    });
    members.push(file(path, content, { mode }));
    bytes += content.length;
    if (bytes >= ARCHIVED_BYTES) break;
  }
  return file("dependencies.tar.gz", gzipSync(writeTar(members)));
}
