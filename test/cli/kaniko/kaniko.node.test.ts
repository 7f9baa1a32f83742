import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LocalServer } from "../../../src/serve/local-server.ts";
import { GitSite } from "../../helpers/git-site.ts";
import { serveLoopback } from "../../helpers/loopback.ts";
import { type TemporaryFolder, temporaryFolder, write } from "../../helpers/temporary-folder.ts";
import { type DebianRegistry, startDebianRegistry } from "../../registry/debian-registry.ts";
import { type RunOptions, startServer, varve } from "../server.ts";

let server: LocalServer & AsyncDisposable;
let registry: DebianRegistry;
let workspace: TemporaryFolder;
beforeAll(async () => {
  workspace = temporaryFolder({
    Dockerfile: "FROM scratch\nARG WHO=nobody\nLABEL who=$WHO\nCOPY . /\n",
    ".dockerignore": "*.log\n",
    a: "1\n",
    "b.log": "2",
    "sub/Dockerfile": "FROM scratch AS first\nCOPY c /c\nFROM first\nLABEL last=1\n",
    "sub/c": "3",
    "sub/Labels": "FROM scratch\nLABEL from=context\n",
  });
  server = await startServer();
  registry = await startDebianRegistry();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
  workspace[Symbol.dispose]();
});

async function kaniko(args: string[], options: RunOptions = {}) {
  const env = { VARVE_SERVER: server.url, ...options.env };
  return varve(["kaniko", ...args], { cwd: workspace.path, ...options, env });
}

async function build(args: string[], options: RunOptions = {}): Promise<string> {
  const { status, stdout, stderr } = await kaniko(["-v", "error", ...args], options);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout.trim();
}

/** The config of the image that a registry has. */
async function configAt(base: string, name: string, reference: string) {
  const accept = "application/vnd.oci.image.manifest.v1+json";
  const answer = await fetch(`${base}/v2/${name}/manifests/${reference}`, { headers: { accept } });
  expect(answer.status).toBe(200);
  const manifest = (await answer.json()) as { config: { digest: string }; layers: unknown[] };
  const config = await fetch(`${base}/v2/${name}/blobs/${manifest.config.digest}`);
  return {
    digest: answer.headers.get("docker-content-digest"),
    layers: manifest.layers.length,
    config: ((await config.json()) as { config: { Labels?: Record<string, string> } }).config,
  };
}

test("pushes to every destination and writes the files of digests", async () => {
  using out = temporaryFolder();
  const { host } = registry;
  const digest = await build(
    [
      "--context=dir://.",
      `--destination=${host}/team/app:1`,
      `--destination=${host}/team/app:latest`,
      "--build-arg=WHO",
      "--label=more=1",
      `--digest-file=${out.path}/deep/digest`,
      `--image-name-with-digest-file=${out.path}/name`,
      `--image-name-tag-with-digest-file=${out.path}/tags`,
      `--tar-path=${out.path}/image.tar`,
      `--oci-layout-path=${out.path}/layout`,
    ],
    { env: { WHO: "me", BUILDER_OUTPUT: out.path } },
  );
  for (const tag of ["1", "latest"]) {
    const image = await configAt(`http://${host}`, "team/app", tag);
    expect(image).toMatchObject({ digest, config: { Labels: { who: "me", more: "1" } } });
  }
  const read = (name: string) => readFileSync(join(out.path, name), "utf8");
  expect(read("deep/digest")).toBe(digest);
  expect(read("name")).toBe(`${host}/team/app@${digest}\n`.repeat(2));
  expect(read("tags")).toBe(`${host}/team/app:1@${digest}\n${host}/team/app:latest@${digest}\n`);
  expect(read("images")).toBe(
    [1, "latest"].map((tag) => `${JSON.stringify({ name: `${host}/team/app:${tag}`, digest })}\n`).join(""),
  );
  const members = execFileSync("tar", ["-tf", join(out.path, "image.tar")], { encoding: "utf8" });
  expect(members).toContain("manifest.json");
  expect(read("layout/index.json")).toContain(digest);
});

test("the context is a folder, an archive, an archive on stdin, or a URL", async () => {
  using out = temporaryFolder();
  const digest = await build(["--no-push", "-c", workspace.path]);
  const tar = gzipSync(execFileSync("tar", ["-C", workspace.path, "-cf", "-", "."]));
  write(out.path, { "context.tar.gz": tar, "empty/": "" });
  const elsewhere = { cwd: join(out.path, "empty") };
  await using web = await serveLoopback((_, response) => response.end(tar));
  for (const [context, stdin] of [
    [`dir://${workspace.path}`],
    [`tar://${out.path}/context.tar.gz`],
    ["tar://stdin", tar],
    [`${web.origin}/context.tar.gz`],
  ] as const) {
    const options = { ...elsewhere, ...(stdin && { stdin }) };
    expect(await build(["--no-push", `--context=${context}`], options), context).toBe(digest);
  }
  const sub = await build(
    ["--no-push", "--context=tar://stdin", "--context-sub-path=sub", "--target=first"],
    {
      ...elsewhere,
      stdin: tar,
    },
  );
  expect(sub).toBe(await build(["--no-push", "-c", "sub", "-f", "sub/Dockerfile", "--target=first"]));
});

test("the Dockerfile is in the working directory, in the context, or at a URL", async () => {
  using out = temporaryFolder({ Dockerfile: "FROM scratch\nLABEL from=here\n" });
  const labels = async (args: string[]) => {
    const digest = await build(["--no-push", `--context=${workspace.path}`, ...args], { cwd: out.path });
    return (await configAt(server.url, "builds", digest)).config.Labels;
  };
  expect(await labels([])).toEqual({ from: "here" });
  expect(await labels(["--dockerfile=sub/Labels"])).toEqual({ from: "context" });
  await using web = await serveLoopback((_, response) => response.end("FROM scratch\nLABEL from=web\n"));
  expect(await labels([`--dockerfile=${web.origin}/d`])).toEqual({ from: "web" });
  const missing = await kaniko(["--no-push", "-c", ".", "--dockerfile=none"]);
  expect(missing).toMatchObject({ status: 1, stdout: "" });
  expect(missing.stderr).toContain('Cannot find the Dockerfile "none"');
});

test("the context is a git repository, at a branch or a commit", async () => {
  await using site = await GitSite.start();
  using empty = temporaryFolder();
  const dockerfile = (text: string) => ({ files: { Dockerfile: `FROM scratch\nLABEL at=${text}\n` } });
  const last = site.make("app", [dockerfile("first"), { ...dockerfile("second"), tag: "v2" }]);
  const options = { cwd: empty.path, env: { GIT_PULL_METHOD: "http", GIT_TOKEN: "secret-token" } };
  const at = async (suffix: string, args: string[] = []) => {
    const context = `git://${site.server.origin.slice("http://".length)}/app${suffix}`;
    const digest = await build(["--no-push", `--context=${context}`, ...args], options);
    return (await configAt(server.url, "builds", digest)).config.Labels?.at;
  };
  expect(await at("")).toBe("second");
  expect(await at("#refs/tags/v2")).toBe("second");
  expect(await at(`#refs/heads/main#${last}`)).toBe("second");
  const first = execFileSync("git", ["-C", site.path("app"), "rev-parse", `${last}^`], { encoding: "utf8" });
  expect(await at(`#${first.trim()}`)).toBe("first");
  expect(await at("", ["--git", "branch=v2"])).toBe("second");
  site.make("kept", [{ files: { Dockerfile: "FROM scratch\nLABEL at=kept\nCOPY .git/HEAD /\n" } }]);
  const kept = `git://${site.server.origin.slice("http://".length)}/kept`;
  await build(["--no-push", "-c", kept, "--build-arg", "BUILDKIT_CONTEXT_KEEP_GIT_DIR=1"], options);
  expect(await kaniko(["--no-push", "-c", kept], options)).toMatchObject({ status: 1 });
});

describe("a registry with a certificate that is not trusted", () => {
  let secure: DebianRegistry;
  let pem: TemporaryFolder;
  beforeAll(async () => {
    pem = temporaryFolder();
    const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
    execFileSync(
      "openssl",
      ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"].concat(
        subject,
        ["-keyout", join(pem.path, "key.pem"), "-out", join(pem.path, "cert.pem")],
      ),
      { stdio: "ignore" },
    );
    const files = { certificate: join(pem.path, "cert.pem"), key: join(pem.path, "key.pem") };
    secure = await startDebianRegistry({ tls: { ...files, clients: files.certificate } });
  });
  afterAll(async () => {
    await secure[Symbol.asyncDispose]();
    pem[Symbol.dispose]();
  });
  const push = (args: string[], env: Record<string, string> = {}) =>
    kaniko([`--destination=${secure.host}/a:1`, ...args, "-c", "."], { env });

  test("accepts pushes with the flags of kaniko", async () => {
    const client = `--registry-client-cert=${secure.host}=${pem.path}/cert.pem,${pem.path}/key.pem`;
    expect(await push([client, "--skip-tls-verify"])).toMatchObject({ status: 0 });
    expect(await push([client, `--skip-tls-verify-registry=${secure.host}`])).toMatchObject({ status: 0 });
    const certificate = `--registry-certificate=${secure.host}=${pem.path}/cert.pem`;
    expect(await push([client, certificate])).toMatchObject({ status: 0 });
    expect(await push([client], { SSL_CERT_DIR: pem.path })).toMatchObject({ status: 0 });
    expect(await push([certificate])).not.toMatchObject({ status: 0 });
    expect(await push([client])).not.toMatchObject({ status: 0 });
    const gone = await push([`--registry-certificate=${secure.host}=/nowhere.pem`]);
    expect(gone).toMatchObject({ status: 1 });
    expect(gone.stderr).toContain("Cannot read the certificate /nowhere.pem");
  });
});

describe("a registry that rejects a manifest", () => {
  const message = "cannot be overwritten because the repository is immutable";
  const start = (failures: number) =>
    serveLoopback(async (request, response) => {
      const chunks = await request.toArray();
      const path = request.url ?? "";
      if (request.method === "PUT" && path.includes("/manifests/") && failures-- > 0) {
        response.writeHead(400).end(JSON.stringify({ errors: [{ code: "TAG_INVALID", message }] }));
        return;
      }
      const { method = "GET", headers } = request;
      const answer = await fetch(`http://${registry.host}${path}`, {
        method,
        headers: { ...(headers as Record<string, string>), connection: "close" },
        redirect: "manual",
        ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
      });
      const answered = Object.fromEntries(answer.headers);
      response.writeHead(answer.status, answered).end(Buffer.from(await answer.arrayBuffer()));
    });

  test("because the tag is immutable fails, or is ignored on request", async () => {
    await using immutable = await start(Number.POSITIVE_INFINITY);
    const destination = `--destination=${immutable.origin.slice(7)}/b:1`;
    const failed = await kaniko([destination, "-c", ".", "--push-retry=5"]);
    expect(failed.status).not.toBe(0);
    expect(failed.stderr).toContain(message);
    const ignored = await kaniko([destination, "-c", ".", "--push-ignore-immutable-tag-errors"]);
    expect(ignored).toMatchObject({ status: 0 });
    expect(ignored.stderr).toContain("is not replaced");
  });
});

test("flags without effect print the reason, and buckets a hint", async () => {
  const build = await kaniko([
    "--no-push",
    "-c",
    ".",
    "--snapshot-mode=redo",
    "--use-new-run",
    "--cache=true",
  ]);
  expect(build).toMatchObject({ status: 0 });
  expect(build.stderr).toContain("WARNING: --snapshot-mode has no effect: a layer contains exactly");
  const bucket = await kaniko(["--no-push", "-c", "s3://bucket/context.tar.gz"]);
  expect(bucket).toMatchObject({ status: 2, stdout: "" });
  expect(bucket.stderr).toContain("presigned https:// URL");
});
