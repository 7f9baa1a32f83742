import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { testImage } from "../registry/test-image.ts";
import { type Daemon, startContainerd, startDockerd } from "./daemons.ts";
import { writeLayout } from "./layout.ts";
import { Suite } from "./suite.ts";

/** The admin's secret. */
const admin = "secret-of-the-admin";

let suite: Suite;
let dockerd: Daemon;
/** As `127.0.0.1:8787/`, for names of images. */
let at: string;
/** May push to, and delete from, `team/*`. */
let team: string;
/** May pull from `team/*`. */
let reader: string;

async function createToken(...scopes: string[]): Promise<string> {
  const response = await fetch(`${suite.url}/v1/tokens`, {
    method: "POST",
    headers: { authorization: `Bearer ${admin}` },
    body: JSON.stringify({ scopes }),
  });
  return ((await response.json()) as { token: string }).token;
}

/** A folder with the credentials of one client. */
let config: string;
const run = (program: string, ...args: string[]) =>
  suite.runWith(
    {
      DOCKER_CONFIG: config,
      REGISTRY_AUTH_FILE: join(config, "config.json"),
      DOCKER_HOST: `unix://${dockerd.socket}`,
      COSIGN_PASSWORD: "secret",
      PODMAN_IGNORE_CGROUPSV1_WARNING: "1",
    },
    program,
    ...args,
  );
/** Runs a program that prompts for a secret. */
const runAsked = (secret: string, program: string, ...args: string[]) =>
  run("sh", "-c", 'secret=$1; shift; printf %s "$secret" | "$@"', "-", secret, program, ...args);

beforeAll(async () => {
  suite = await Suite.start({ VARVE_ADMIN_TOKEN: admin });
  at = `${suite.host}/`;
  team = await createToken("push,delete:team/*");
  reader = await createToken("pull:team/*");
  dockerd = await startDockerd(join(suite.folder, "docker"));
  await mkdir(join(suite.folder, "context"));
  await copyFile("/bin/busybox", join(suite.folder, "context", "busybox"));
  await writeFile(join(suite.folder, "context", "Dockerfile"), "FROM scratch\nCOPY busybox /bin/busybox\n");
  await writeLayout(join(suite.folder, "layout"), testImage(["one", "two"]));
});
afterAll(async () => {
  await dockerd?.stop();
  await suite?.[Symbol.asyncDispose]();
});

let logins = 0;
beforeEach(async () => {
  config = join(suite.folder, `login-${++logins}`);
  await mkdir(config);
  await writeFile(join(config, "config.json"), "{}");
});

const tagsOf = async (name: string): Promise<string[]> => {
  const response = await suite.ask(`${name}/tags/list`, { headers: { authorization: `Bearer ${admin}` } });
  return response.ok ? ((await response.json()) as { tags: string[] }).tags : [];
};

describe("docker", () => {
  const docker = (...args: string[]) => run("docker", ...args);
  const login = (secret: string) =>
    runAsked(secret, "docker", "login", "-u", "me", "--password-stdin", suite.host);

  beforeAll(async () => {
    config = suite.folder;
    await docker("build", "-q", "-t", `${at}team/docker:1`, "context");
  });

  test("logs in, pushes, mounts from its other repository, and pulls again", async () => {
    await expect(docker("push", `${at}team/docker:1`)).rejects.toThrow(/unauthorized/);
    expect(await login(team)).toContain("Login Succeeded");
    // Docker stores a refresh token, not the secret.
    const stored = JSON.parse(await readFile(join(config, "config.json"), "utf8"));
    expect(stored.auths[suite.host].identitytoken).toBeDefined();
    expect(JSON.stringify(stored)).not.toContain(team);
    await docker("push", "-q", `${at}team/docker:1`);
    await docker("tag", `${at}team/docker:1`, `${at}team/docker2:1`);
    expect(await docker("push", `${at}team/docker2:1`)).toContain("Mounted from team/docker");
    await docker("rmi", `${at}team/docker:1`, `${at}team/docker2:1`);
    await docker("pull", "-q", `${at}team/docker2:1`);
    await docker("tag", `${at}team/docker2:1`, `${at}team/docker:1`);
  });

  test("receives errors for a wrong secret and for missing rights", async () => {
    await expect(login("wrong")).rejects.toThrow(/unauthorized: Cannot accept the credential/);
    await login(reader);
    await expect(docker("push", `${at}team/docker:1`)).rejects.toThrow(/denied/);
    await docker("tag", `${at}team/docker2:1`, `${at}other/app:1`);
    await expect(docker("push", `${at}other/app:1`)).rejects.toThrow(/denied/);
    await expect(docker("pull", `${at}other/app:1`)).rejects.toThrow(/denied/);
    await docker("logout", suite.host);
    await expect(docker("pull", `${at}team/docker2:1`)).rejects.toThrow(/unauthorized/);
  });
});

test("skopeo copies in, across and out, lists and deletes", async () => {
  const remote = (name: string) => `docker://${at}${name}`;
  const creds = `me:${team}`;
  const skopeo = (...args: string[]) => run("skopeo", ...args);
  const to = ["--dest-tls-verify=false", "--dest-creds", creds];
  const from = ["--src-tls-verify=false", "--src-creds", creds];
  await skopeo("copy", "-q", ...to, "oci:layout:1", remote("team/skopeo:1"));
  await skopeo("copy", "-q", ...from, ...to, remote("team/skopeo:1"), remote("team/skopeo2:1"));
  await skopeo("copy", "-q", ...from, remote("team/skopeo2:1"), "oci:skopeo-back:1");
  await expect(
    skopeo("copy", "-q", ...from, ...to, remote("team/skopeo:1"), remote("other/x:1")),
  ).rejects.toThrow();
  await expect(skopeo("inspect", "--tls-verify=false", remote("team/skopeo:1"))).rejects.toThrow(
    /unauthorized/,
  );
  await runAsked(team, "skopeo", "login", "--tls-verify=false", "-u", "me", "--password-stdin", suite.host);
  expect(await skopeo("list-tags", "--tls-verify=false", remote("team/skopeo2"))).toContain('"1"');
  await skopeo("delete", "--tls-verify=false", remote("team/skopeo2:1"));
  expect(await tagsOf("team/skopeo2")).toEqual([]);
});

test("podman and buildah log in, push and pull", async () => {
  const storage = [
    "--root",
    join(suite.folder, "storage"),
    "--runroot",
    join(suite.folder, "run"),
    "--storage-driver",
    "vfs",
  ];
  const buildah = (...args: string[]) => run("buildah", ...storage, ...args);
  const podman = (...args: string[]) => run("podman", ...storage, ...args);
  const container = (await buildah("from", "scratch")).trim();
  await buildah("copy", "-q", container, "context/busybox", "/bin/busybox");
  const id = (await buildah("commit", "-q", container, "made")).trim();
  const pushed = `docker://${at}team/buildah:1`;
  await expect(buildah("push", "-q", "--tls-verify=false", id, pushed)).rejects.toThrow(
    /unauthorized|authentication/,
  );
  await runAsked(team, "podman", "login", "--tls-verify=false", "-u", "me", "--password-stdin", suite.host);
  await buildah("push", "-q", "--tls-verify=false", id, pushed);
  await podman("push", "-q", "--tls-verify=false", id, `docker://${at}team/podman:1`);
  await podman("rmi", "-f", id);
  expect((await podman("pull", "-q", "--tls-verify=false", `docker://${at}team/podman:1`)).trim()).toBe(id);
  await expect(podman("pull", "-q", "--tls-verify=false", `docker://${at}other/x:1`)).rejects.toThrow(
    /denied/,
  );
  await podman("logout", suite.host);
  await expect(podman("pull", "-q", "--tls-verify=false", pushed)).rejects.toThrow(
    /unauthorized|authentication/,
  );
});

test("oras logs in, pushes, attaches, discovers, copies, lists and deletes", async () => {
  const oras = (command: string, ...args: string[]) =>
    run("oras", ...command.split(" "), "--plain-http", ...args);
  const target = `${at}team/oras:1`;
  await writeFile(join(suite.folder, "a.txt"), "a");
  await expect(oras("push", target, "a.txt")).rejects.toThrow(/401|unauthorized/i);
  await runAsked(team, "oras", "login", "--plain-http", "-u", "me", "--password-stdin", suite.host);
  await oras("push", target, "a.txt");
  await oras("attach", "--artifact-type", "application/x-note", target, "a.txt");
  expect(await oras("discover", target)).toContain("application/x-note");
  await run("oras", "cp", "-r", "--from-plain-http", "--to-plain-http", target, `${at}team/oras2:1`);
  // Of all repositories, those that the client may pull.
  expect((await oras("repo ls", suite.host)).trim().split("\n")).toEqual(
    expect.arrayContaining(["team/oras", "team/oras2"]),
  );
  await expect(oras("push", `${at}other/oras:1`, "a.txt")).rejects.toThrow(/denied|403|401/);
  await oras("manifest delete", "-f", `${at}team/oras2:1`);
  expect(await tagsOf("team/oras2")).toEqual([]);
});

test("cosign signs and verifies", async () => {
  await run(
    "skopeo",
    "copy",
    "-q",
    "--dest-tls-verify=false",
    `--dest-creds=me:${team}`,
    "oci:layout:1",
    `docker://${at}team/cosign:1`,
  );
  await runAsked(team, "docker", "login", "-u", "me", "--password-stdin", suite.host);
  const digest = (
    await run(
      "skopeo",
      "inspect",
      "--tls-verify=false",
      `--creds=me:${team}`,
      "-f",
      "{{.Digest}}",
      `docker://${at}team/cosign:1`,
    )
  ).trim();
  await run("cosign", "generate-key-pair");
  const reference = `${at}team/cosign@${digest}`;
  await run(
    "cosign",
    "sign",
    "--key",
    "cosign.key",
    "--tlog-upload=false",
    "--allow-http-registry",
    "-y",
    reference,
  );
  const verify = [
    "verify",
    "--key",
    "cosign.pub",
    "--insecure-ignore-tlog",
    "--allow-http-registry",
    reference,
  ];
  expect(await run("cosign", ...verify)).toContain(digest);
  await run("docker", "logout", suite.host);
  await expect(run("cosign", ...verify)).rejects.toThrow(/UNAUTHORIZED|unauthorized/);
});

test("ctr pushes and pulls", async () => {
  const containerd = await startContainerd(join(suite.folder, "ctr"));
  try {
    const ctr = (...args: string[]) => run("ctr", "--address", containerd.socket, ...args);
    const user = ["--plain-http", "--user", `me:${team}`];
    await run("sh", "-c", "cd layout && tar -cf ../layout.tar .");
    await ctr("images", "import", "--no-unpack", "--base-name", `${at}team/ctr`, "layout.tar");
    const name = (await ctr("images", "ls", "-q")).trim().split("\n")[0] ?? "";
    await ctr("images", "push", ...user, `${at}team/ctr:1`, name);
    await expect(ctr("images", "push", ...user, `${at}other/ctr:1`, name)).rejects.toThrow();
    await ctr("content", "fetch", ...user, `${at}team/ctr:1`);
    await expect(ctr("content", "fetch", "--plain-http", `${at}team/ctr:1`)).rejects.toThrow(
      /401|authorization|unauthorized/i,
    );
  } finally {
    await containerd.stop();
  }
});

test("curl pulls and pushes with -u", async () => {
  const curl = (...args: string[]) => run("curl", "-sS", "--fail-with-body", ...args);
  expect(await curl("-u", `:${reader}`, `${suite.url}/v2/team/docker2/tags/list`)).toContain('"1"');
  const built = await curl(
    "-u",
    `:${admin}`,
    "-X",
    "POST",
    "-H",
    "content-type: application/json",
    "-d",
    '{"dockerfile":"FROM scratch\\nLABEL a=b"}',
    `${suite.url}/v1/builds?t=team/curl`,
  );
  expect(built).toContain('"config"');
  await expect(
    curl("-u", `:${reader}`, "-T", "/bin/busybox", "-X", "POST", `${suite.url}/v1/builds?t=team/curl`),
  ).rejects.toThrow(/access-denied/);
});
