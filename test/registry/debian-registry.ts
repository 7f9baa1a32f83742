import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { writeLayout } from "../clients/layout.ts";
import { freePort } from "../helpers/free-port.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import type { TestImage } from "./test-image.ts";

const run = promisify(execFile);

export interface DebianRegistry extends AsyncDisposable {
  /** As `127.0.0.1:5000`. */
  host: string;
  url: string;
  /** Copies an image there with skopeo. */
  push(image: TestImage, name: string): Promise<void>;
}

interface DebianRegistryOptions {
  /** Default: a free one. */
  port?: number;
  /** Changes the command that is started. */
  enter?: (command: string, args: string[]) => [command: string, args: string[]];
  /** Requires the user `user` and the password `password`. */
  basic?: boolean;
  /** Paths in PEM. With `clients`, a client must show a certificate that one of those has signed. */
  tls?: { certificate: string; key: string; clients?: string };
}

/** Starts Debian's docker-registry on loopback, empty. Disposal deletes its contents. */
export async function startDebianRegistry(options: DebianRegistryOptions = {}): Promise<DebianRegistry> {
  const temporary = temporaryFolder();
  const folder = temporary.path;
  const host = `127.0.0.1:${options.port ?? (await freePort())}`;
  const url = `http${options.tls ? "s" : ""}://${host}`;
  const config = {
    version: 0.1,
    log: { level: "error", accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(folder, "data") }, delete: { enabled: true } },
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
  const { enter = (...same) => same } = options;
  const server = spawn(...enter("docker-registry", ["serve", join(folder, "config.yml")]), {
    stdio: "ignore",
  });
  const ended = once(server, "exit");
  await answering(`http://${host}/v2/`, server);
  return {
    host,
    url,
    async push(image, name) {
      using layout = temporaryFolder();
      await writeLayout(layout.path, image);
      const credentials = options.basic ? ["--dest-creds", "user:password"] : [];
      const target = `docker://${host}/${name}`;
      await run("skopeo", [
        "copy",
        "-q",
        "--all",
        "--preserve-digests",
        "--dest-tls-verify=false",
        ...credentials,
        `oci:${layout.path}:1`,
        target,
      ]);
    },
    async [Symbol.asyncDispose]() {
      server.kill();
      await ended;
      temporary[Symbol.dispose]();
    },
  };
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
