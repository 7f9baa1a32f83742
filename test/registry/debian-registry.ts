import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { requireDigest } from "../../src/oci/digest.ts";
import { encodeImageIndex } from "../../src/oci/image-index.ts";
import { OCI } from "../../src/oci/media-types.ts";
import { freePort } from "../helpers/free-port.ts";
import type { TestImage } from "./test-image.ts";

const run = promisify(execFile);

export interface DebianRegistry {
  /** As `127.0.0.1:5000`. */
  host: string;
  /** Copies an image there with skopeo. */
  push(image: TestImage, name: string): Promise<void>;
  stop(): Promise<void>;
}

interface DebianRegistryOptions {
  /** Requires the user `user` and the password `password`. */
  basic?: boolean;
  /** Paths in PEM. With `clients`, a client must show a certificate that one of those has signed. */
  tls?: { certificate: string; key: string; clients?: string };
}

/** Starts Debian's docker-registry on loopback, with a separate folder. */
export async function startDebianRegistry(options: DebianRegistryOptions = {}): Promise<DebianRegistry> {
  const folder = await mkdtemp(join(tmpdir(), "varve-registry-"));
  const host = `127.0.0.1:${await freePort()}`;
  const config = {
    version: 0.1,
    log: { level: "error" },
    storage: { filesystem: { rootdirectory: join(folder, "data") } },
    http: {
      addr: host,
      ...(options.tls && {
        tls: {
          certificate: options.tls.certificate,
          key: options.tls.key,
          ...(options.tls.clients && { clientcas: [options.tls.clients] }),
        },
      }),
    },
    ...(options.basic && { auth: { htpasswd: { realm: "test", path: join(folder, "htpasswd") } } }),
  };
  // bcrypt of "password"; the registry reads no other hash.
  await writeFile(
    join(folder, "htpasswd"),
    "user:$2y$05$abcdefghijklmnopqrstuuWG29KuyeAicPCJODk1zjyGvyQUU2awu\n",
  );
  await writeFile(join(folder, "config.yml"), JSON.stringify(config));
  const server = spawn("docker-registry", ["serve", join(folder, "config.yml")], { stdio: "ignore" });
  await answering(`http://${host}/v2/`, server);
  return {
    host,
    async push(image, name) {
      const layout = await mkdtemp(join(folder, "layout-"));
      await writeLayout(layout, image);
      const credentials = options.basic ? ["--dest-creds", "user:password"] : [];
      const target = `docker://${host}/${name}`;
      await run("skopeo", [
        "copy",
        "-q",
        "--all",
        "--preserve-digests",
        "--dest-tls-verify=false",
        ...credentials,
        `oci:${layout}`,
        target,
      ]);
    },
    async stop() {
      const ended = new Promise((resolve) => server.once("exit", resolve));
      server.kill();
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}

/** An OCI image layout (image-spec, image-layout.md). */
async function writeLayout(folder: string, image: TestImage): Promise<void> {
  await writeFile(join(folder, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
  const index = { schemaVersion: 2, mediaType: OCI.index, manifests: [image.descriptor] } as const;
  await writeFile(
    join(folder, "index.json"),
    encodeImageIndex({ ...index, manifests: [...index.manifests] }),
  );
  for (const { descriptor, bytes } of [image, ...image.manifests, ...image.blobs]) {
    const { algorithm, encoded } = requireDigest(descriptor.digest);
    await mkdir(join(folder, "blobs", algorithm), { recursive: true });
    await writeFile(join(folder, "blobs", algorithm, encoded), bytes);
  }
}

async function answering(url: string, server: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (server.exitCode !== null) throw new Error(`docker-registry ended with ${server.exitCode}`);
    const status = await fetch(url).then(
      (response) => response.status,
      () => undefined,
    );
    if (status !== undefined) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  server.kill();
  throw new Error("docker-registry does not answer");
}
