import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CreatedToken } from "../../schemas/access.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { type Run, varve } from "../cli/server.ts";
import { contextOf } from "../helpers/context-archive.ts";
import { filesWithSecret, formsOf, placesOfSecrets } from "../helpers/find-secret.ts";
import { GitSite } from "../helpers/git-site.ts";
import { type LoopbackServer, serveLoopback } from "../helpers/loopback.ts";
import { type TemporaryFolder, temporaryFolder } from "../helpers/temporary-folder.ts";
import { buildBusybox } from "./build.ts";
import { MANIFEST } from "./push.ts";
import { type RunningServer, startServer } from "./start-server.ts";

// Sends secrets of each kind to a server and to the command, then searches for them in everything that either stores or
// prints.

/** Differs in each run, and has no characters that a URL escapes. */
const random = () => randomBytes(18).toString("base64url");

const secrets = {
  "a secret of a file": `file/${random()}+${random()}`,
  "a secret of a variable": `variable/${random()}+${random()}`,
  "a secret that is sent": `sent/${random()}+${random()}`,
  "a password of a registry": random(),
  "a password in a URL of ADD": random(),
  "a token in a URL of git": random(),
  "a token in a URL of the context": random(),
  "the secret of the admin": random(),
  "the token of runners": random(),
  /** Known when they are created. */
  "a token of the server": "",
  "a key of ssh": "",
};
type Planted = keyof typeof secrets;

let server: RunningServer;
let state: TemporaryFolder;
let site: GitSite;
let files: LoopbackServer;
let registry: LoopbackServer;
/**
 * Passwords and tokens that the servers of this test have received. A secret that was never sent would prove nothing.
 */
const received = new Set<Planted>();
/** Answers of the server, by request. */
const shown: Record<string, string> = {};

/** The text of a password in a header of Basic. */
function passwordIn(authorization: string | undefined): string {
  return Buffer.from(authorization?.replace(/^Basic /, "") ?? "", "base64").toString();
}

/** Whether a request shows this secret as its user or password. */
function shows(authorization: string | undefined, planted: Planted): boolean {
  if (!passwordIn(authorization).split(":").includes(secrets[planted])) return false;
  received.add(planted);
  return true;
}

/** A registry with one image, for clients that send the password. */
function startRegistry(): Promise<LoopbackServer> {
  const config = JSON.stringify({
    architecture: "amd64",
    os: "linux",
    rootfs: { type: "layers", diff_ids: [] },
  });
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: {
      mediaType: "application/vnd.oci.image.config.v1+json",
      digest: sha256(config),
      size: config.length,
    },
    layers: [],
  });
  return serveLoopback((request, response) => {
    if (!shows(request.headers.authorization, "a password of a registry"))
      return response.writeHead(401, { "www-authenticate": 'Basic realm="planted"' }).end();
    const path = new URL(request.url ?? "", "http://registry").pathname;
    if (path === "/v2/") return response.writeHead(200).end();
    if (path.startsWith("/v2/team/app/manifests/") && request.method !== "PUT") {
      response.writeHead(200, { "content-type": MANIFEST, "docker-content-digest": sha256(manifest) });
      return response.end(request.method === "HEAD" ? undefined : manifest);
    }
    if (path.startsWith("/v2/team/app/blobs/sha256:")) return response.end(config);
    return response.writeHead(405).end();
  });
}

const bearer = () => ({ authorization: `Bearer ${secrets["a token of the server"]}` });

/** Sends a request and stores the answer. */
async function ask(name: string, path: string, init: RequestInit = {}): Promise<Response> {
  const answer = await fetch(server.url + path, { ...init, headers: { ...bearer(), ...init.headers } });
  const text = await answer.clone().text();
  shown[name] = `${JSON.stringify([...answer.headers])}\n${text}`;
  return answer;
}

/** Runs the command as a user of the server and stores its output. */
async function run(name: string, args: string[], environment: Record<string, string> = {}): Promise<Run> {
  const ran = await varve(args, {
    env: {
      VARVE_SERVER: server.url,
      VARVE_TOKEN: secrets["a token of the server"],
      DOCKER_CONFIG: join(state.path, "docker"),
      XDG_CACHE_HOME: join(state.path, "cache"),
      TMPDIR: join(state.path, "temporary"),
      HOME: join(state.path, "home"),
      VARIABLE: secrets["a secret of a variable"],
      ...environment,
    },
  });
  shown[name] = `${ran.stdout}\n${ran.stderr}`;
  return ran;
}

/** Everything that the server returns about a build and its image. */
async function showAll(id: string, name: string): Promise<void> {
  await ask(`${name}: the record`, `/v1/builds/${id}`);
  await ask(`${name}: why`, `/v1/builds/${id}/explain`);
  for (const accept of ["application/x-ndjson", "text/event-stream", "text/plain"])
    await ask(`${name}: events as ${accept}`, `/v1/builds/${id}/events`, { headers: { accept } });
  await ask(`${name}: the image`, `/v1/images/${name}/latest`);
  await ask(`${name}: its history`, `/v1/images/${name}/latest/history`);
  await ask(`${name}: as docker sees it`, `/v1.47/images/${encodeURIComponent(name)}/json`);
  const manifest = await ask(`${name}: the manifest`, `/v2/${name}/manifests/latest`, {
    headers: { accept: MANIFEST },
  });
  if (!manifest.ok) return;
  const { config } = (await manifest.json()) as { config: { digest: string } };
  await ask(`${name}: the config`, `/v2/${name}/blobs/${config.digest}`);
  const referrers = await ask(
    `${name}: its referrers`,
    `/v2/${name}/referrers/${manifest.headers.get("docker-content-digest")}`,
  );
  const { manifests } = (await referrers.json()) as { manifests: { digest: string }[] };
  for (const { digest } of manifests) {
    const statement = await ask(`${name}: referrer ${digest}`, `/v2/${name}/manifests/${digest}`);
    const { layers } = (await statement.json()) as { layers: { digest: string }[] };
    for (const layer of layers)
      await ask(`${name}: statement ${layer.digest}`, `/v2/${name}/blobs/${layer.digest}`);
  }
}

/** Posts a build and stores all answers about it. Returns the text of the answer. */
async function build(name: string, body: BodyInit, query = ""): Promise<string> {
  const path = `/v1/builds?t=${name}&provenance=mode%3Dmax&sbom=1&attestations=referrers${query}`;
  const answer = await ask(`${name}: the answer`, path, { method: "POST", body });
  await showAll(answer.headers.get("varve-build") ?? "", name);
  return answer.text();
}

beforeAll(async () => {
  state = temporaryFolder({ "cache/": "", "temporary/": "", "home/": "", "docker/": "", "own/": "" });
  site = await GitSite.start((request, response) => {
    const { authorization } = request.headers;
    if (shows(authorization, "a token in a URL of git")) return false;
    if (shows(authorization, "a token in a URL of the context")) return false;
    response.writeHead(401, { "www-authenticate": 'Basic realm="planted"' }).end();
    return true;
  });
  site.make("app.git", [{ files: { Dockerfile: "FROM scratch\nCOPY a /\n", a: "contents" } }]);
  files = await serveLoopback((request, response) => {
    const isKnown = shows(request.headers.authorization, "a password in a URL of ADD");
    response.writeHead(isKnown && request.url === "/file" ? 200 : 404).end("contents");
  });
  registry = await startRegistry();
  server = await startServer(
    {
      VARVE_ADMIN_TOKEN: secrets["the secret of the admin"],
      VARVE_RUNNER_TOKEN: secrets["the token of runners"],
      TMPDIR: join(state.path, "temporary"),
    },
    join(state.path, "data"),
  );
  const created = await fetch(`${server.url}/v1/tokens`, {
    method: "POST",
    body: JSON.stringify({ name: "planted", scopes: ["admin:**"] }),
    headers: { authorization: `Bearer ${secrets["the secret of the admin"]}` },
  });
  secrets["a token of the server"] = ((await created.json()) as CreatedToken).token;

  const key = join(state.path, "own/key");
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "planted", "-f", key]);
  // A line in the middle of the private key: the lines before it are the same in every key.
  secrets["a key of ssh"] = readFileSync(key, "utf8").split("\n")[3] ?? "";
  writeFileSync(join(state.path, "own/secret"), secrets["a secret of a file"]);
  const login = btoa(`planted:${secrets["a password of a registry"]}`);
  writeFileSync(
    join(state.path, "docker/config.json"),
    JSON.stringify({ auths: { [new URL(registry.origin).host]: { auth: login } } }),
  );
  await buildBusybox(server.url, bearer());
});

afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await files?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
  await site?.[Symbol.asyncDispose]();
  state?.[Symbol.dispose]();
});

/** A URL with a user and a password before its host. */
const withUser = (url: string, userinfo: string) => url.replace("//", `//${userinfo}@`);
const from = () => `FROM ${new URL(server.url).host}/busybox`;

/** Lines of a RUN that reads its secrets and fails when they are not those of this test. */
const readsSecret = (id: string, planted: Planted) =>
  `RUN --mount=type=secret,id=${id} --mount=type=secret,id=${id},env=S --mount=type=cache,target=/c read x < /run/secrets/${id}; [ "$x" = "$S" ] && [ \${#x} = ${secrets[planted].length} ] && echo 1 > /c/f && echo 1 > /f`;

describe("secrets are used", () => {
  test("by RUN, of the command", async () => {
    using folder = temporaryFolder({
      Dockerfile: [
        from(),
        readsSecret("file", "a secret of a file"),
        readsSecret("variable", "a secret of a variable"),
        "RUN --mount=type=ssh [ -S $SSH_AUTH_SOCK ] && echo 1 > /ssh",
        "",
      ].join("\n"),
    });
    const flags = [
      `--secret=id=file,src=${join(state.path, "own/secret")}`,
      "--secret=id=variable,env=VARIABLE",
      `--ssh=default=${join(state.path, "own/key")}`,
      "--provenance=mode=max",
      "--attestations=referrers",
      "--progress=plain",
    ];
    for (const [name, place] of [
      ["own", "local"],
      ["again", "local"],
    ] as const) {
      const ran = await run(`${name}: the command`, [
        "build",
        `--runner=${place}`,
        ...flags,
        "-t",
        name,
        "--metadata-file",
        join(state.path, `own/${name}.json`),
        folder.path,
      ]);
      expect(ran).toMatchObject({ status: 0 });
      const { id } = (
        (await (await ask(`${name}: builds`, "/v1/builds")).json()) as { builds: { id: string }[] }
      ).builds[0] ?? { id: "" };
      await showAll(id, name);
      received.add("a secret of a file").add("a secret of a variable").add("a key of ssh");
    }
  });

  test("by RUN, sent to the server", async () => {
    const lines = [from(), readsSecret("sent", "a secret that is sent"), ""];
    const form = new FormData();
    form.set("secret.sent", new Blob([secrets["a secret that is sent"]]));
    form.set("context", new Blob([contextOf({ Dockerfile: lines.join("\n") })]));
    expect(await build("sent", form)).toContain("schemaVersion");
    received.add("a secret that is sent");
  });

  test("by RUN, which fails", async () => {
    const form = new FormData();
    form.set("secret.sent", new Blob([secrets["a secret that is sent"]]));
    const dockerfile = `${from()}\nRUN --mount=type=secret,id=sent,env=S sh -c 'exit 7'\n`;
    form.set("context", new Blob([contextOf({ Dockerfile: dockerfile })]));
    expect(await build("fails", form)).toContain("exit code: 7");
  });

  test("by ADD", async () => {
    const url = withUser(files.origin, `planted:${secrets["a password in a URL of ADD"]}`);
    const lines = (path: string) => contextOf({ Dockerfile: `FROM scratch\nADD ${url}/${path} /\n` });
    expect(await build("add", lines("file"))).toContain("schemaVersion");
    expect(await build("add-missing", lines("missing"))).toContain("404");
    await ask("a plan", "/v1/plan?t=add", { method: "POST", body: `FROM scratch\nADD ${url}/file /\n` });
    await ask("a check", "/v1/check", {
      method: "POST",
      body: `FROM scratch\nADD ${url}/file\nBAD ${url}\n`,
    });
    const docker = await ask("a build of docker", "/v1.47/build?t=add", {
      method: "POST",
      body: lines("file"),
    });
    expect(await docker.text()).toContain("Successfully");
  });

  test("by ADD of a repository", async () => {
    const url = withUser(site.url("app.git"), secrets["a token in a URL of git"]);
    const lines = (given: string) => contextOf({ Dockerfile: `FROM scratch\nADD ${given} /\n` });
    expect(await build("git", lines(url))).toContain("schemaVersion");
    expect(await build("git-folder", lines(`--keep-git-dir ${url}`))).toContain("schemaVersion");
    expect(await build("git-missing", lines(`${url}#nothing`))).toContain("nothing");
  });

  test("by a context in a repository", async () => {
    const url = withUser(site.url("app.git"), secrets["a token in a URL of the context"]);
    const ran = await run("a context of git", [
      "build",
      "--progress=plain",
      "--provenance=mode=max",
      "--attestations=referrers",
      "-t",
      "remote",
      url,
    ]);
    expect(ran).toMatchObject({ status: 0 });
    const { builds } = (await (await ask("builds of git", "/v1/builds")).json()) as {
      builds: { id: string }[];
    };
    await showAll(builds[0]?.id ?? "", "remote");
    await run("a context that is missing", ["build", "--progress=plain", `${url}#nothing`]);
    const kept = [
      "build",
      "--progress=plain",
      "-t",
      "kept",
      "--build-arg",
      "BUILDKIT_CONTEXT_KEEP_GIT_DIR=1",
      url,
    ];
    expect(await run("a context with its git folder", kept)).toMatchObject({ status: 0 });
  });

  test("by FROM", async () => {
    const { host } = new URL(registry.origin);
    using folder = temporaryFolder({ Dockerfile: `FROM ${host}/team/app:1\nLABEL by=command\n` });
    const flags = ["--progress=plain", "--provenance=mode=max", "--attestations=referrers"];
    const ran = await run("a private base", ["build", ...flags, "-t", "private", folder.path]);
    expect(ran).toMatchObject({ status: 0 });
    const { builds } = (await (await ask("builds of a private base", "/v1/builds")).json()) as {
      builds: { id: string }[];
    };
    await showAll(builds[0]?.id ?? "", "private");
    await ask("runs of a private base", `/v1/builds/${builds[0]?.id}/runs`);
    await ask("insights of a private base", "/v1/insights?image=private");
    const config = { [host]: { username: "planted", password: secrets["a password of a registry"] } };
    const docker = await ask("a build of docker from a private base", "/v1.47/build?t=private", {
      method: "POST",
      headers: { "x-registry-config": Buffer.from(JSON.stringify(config)).toString("base64url") },
      body: contextOf({ Dockerfile: `FROM ${host}/team/app:1\nLABEL by=docker\n` }),
    });
    expect(await docker.text()).toContain("Successfully");
    await ask("a build without them", "/v1/builds?t=private", {
      method: "POST",
      body: contextOf({ Dockerfile: `FROM ${host}/team/app:1\n` }),
    });
    expect(shown["a build without them"]).toContain("base-unavailable");
  });

  test("by a registry", async () => {
    const { host } = new URL(registry.origin);
    const auth = { username: "planted", password: secrets["a password of a registry"], serveraddress: host };
    const header = { "x-registry-auth": Buffer.from(JSON.stringify(auth)).toString("base64url") };
    const image = `${host}/team/app`;
    const pulled = await ask(
      "docker pull",
      `/v1.47/images/create?fromImage=${encodeURIComponent(image)}&tag=1`,
      {
        method: "POST",
        headers: header,
      },
    );
    expect(await pulled.text()).toContain("Status: Downloaded");
    const pushed = `/v1.47/images/${encodeURIComponent(image)}/push?tag=1`;
    await ask("docker push", pushed, { method: "POST", headers: header });
    await ask("docker login", "/v1.47/auth", { method: "POST", body: JSON.stringify(auth) });
    const config = Buffer.from(JSON.stringify({ [host]: auth })).toString("base64url");
    await ask("docker build", "/v1.47/build?t=from", {
      method: "POST",
      headers: { "x-registry-config": config },
      body: contextOf({ Dockerfile: `FROM ${image}:1\nLABEL a=b\n` }),
    });
    await run("varve push", ["push", "busybox", `${host}/team/other:1`]);
    await run("varve pull", ["pull", `${image}:2`]);
  });

  test("by the server", async () => {
    const { status } = await ask("tokens", "/v1/tokens");
    expect(status).toBe(200);
    const token = await fetch(`${server.url}/v2/token?scope=repository:busybox:pull&offline_token=1`, {
      headers: { authorization: `Basic ${btoa(`planted:${secrets["a token of the server"]}`)}` },
    });
    expect(token.status).toBe(200);
    for (const path of ["/v1/access", "/v1/usage", "/v1/runners", "/v1/images", "/v1/builds", "/v2/_catalog"])
      await ask(path, path);
    const wrong = await fetch(`${server.url}/v1/builds`, {
      headers: { authorization: `Bearer ${secrets["the secret of the admin"]}x` },
    });
    shown["a wrong token"] = await wrong.text();
    received.add("a token of the server").add("the secret of the admin").add("the token of runners");
  });
});

/** Names of the answers that contain a text, in any of its encodings. */
function shownWith(secret: string): string[] {
  const needles = formsOf(secret);
  return Object.entries(shown)
    .filter(([, text]) => needles.some((needle) => Buffer.from(text).includes(needle)))
    .map(([name]) => name);
}

const places = () => ["data", "cache", "temporary", "home"].map((name) => join(state.path, name));

describe("secrets are nowhere", () => {
  test("all of them were used", () => {
    expect([...received].toSorted()).toEqual(Object.keys(secrets).toSorted());
    for (const secret of Object.values(secrets)) expect(secret.length).toBeGreaterThan(20);
  });

  test("command lines of the server's programs", () => {
    const lines = [server.process.child.pid, ...server.process.descendants]
      .map((pid) => readFileSync(`/proc/${pid}/cmdline`, "latin1"))
      .join("\n");
    for (const [name, secret] of Object.entries(secrets))
      expect([name, lines.includes(secret)]).toEqual([name, false]);
  });

  test("a planted secret is found", async () => {
    const secret = random();
    await build("control", contextOf({ Dockerfile: `FROM scratch\nLABEL a=${secret}\n` }));
    expect(shownWith(secret)).toContain("control: the config");
    expect(await filesWithSecret(secret, ...places())).not.toEqual([]);
  });

  test("not while the server runs", async () => {
    expect(await placesOfSecrets(secrets, ...places())).toEqual({});
  });

  test("and not after it has stopped", async () => {
    await server.process.stop();
    expect(await placesOfSecrets(secrets, ...places())).toEqual({});
  });

  test.each(Object.keys(secrets) as Planted[])("%s: not in what was printed and sent", (name) => {
    shown["stdout of the server"] = server.process.stdout;
    shown["stderr of the server"] = server.process.stderr;
    expect(shownWith(secrets[name])).toEqual([]);
  });
});
