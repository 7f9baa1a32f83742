import { chmod, mkdir, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findBusybox } from "../differential/bases/busybox.ts";
import { placesOfSecrets } from "../helpers/find-secret.ts";
import { type DebianRegistry, startDebianRegistry } from "../registry/debian-registry.ts";
import { fileImage } from "../registry/test-image.ts";
import { Suite } from "./suite.ts";

const varve = join(import.meta.dirname, "../../src/cli/varve.ts");
const admin = "secret-of-the-admin";

/** The server that builds. */
let bench: Suite;
/** Private registries: with Basic, and with a token service. */
let debian: DebianRegistry;
let tokens: Suite;
let logins: Record<string, { username: string; password: string }>;
const imageOf = { debian: "", tokens: "" };

beforeAll(async () => {
  [bench, tokens, debian] = await Promise.all([
    Suite.start(),
    Suite.start({ VARVE_ADMIN_TOKEN: admin }),
    startDebianRegistry({ basic: true }),
  ]);
  imageOf.debian = `${debian.host}/team/base:1`;
  imageOf.tokens = `${tokens.host}/team/base:1`;
  logins = {
    [debian.host]: { username: "user", password: "password" },
    [tokens.host]: { username: "token", password: admin },
  };
  await debian.push(fileImage({ secret: "of Debian's registry" }), "team/base:1");
  const credentials = ["--src-creds=user:password", `--dest-creds=token:${admin}`];
  const insecure = ["--src-tls-verify=false", "--dest-tls-verify=false"];
  const names = [`docker://${imageOf.debian}`, `docker://${imageOf.tokens}`];
  await bench.run("skopeo", "copy", "-q", ...credentials, ...insecure, ...names);
});

afterAll(async () => {
  await debian?.[Symbol.asyncDispose]();
  await tokens?.[Symbol.asyncDispose]();
  await bench?.[Symbol.asyncDispose]();
});

let folders = 0;

/** A folder with a Dockerfile. */
async function contextOf(dockerfile: string): Promise<string> {
  const folder = join(bench.folder, `context-${folders++}`);
  await mkdir(folder);
  await writeFile(join(folder, "Dockerfile"), dockerfile);
  return folder;
}

/** Settings of docker in a folder of their own, with programs that keep credentials. @returns the environment */
async function settingsOf(config: object, helpers: readonly string[] = []): Promise<Record<string, string>> {
  const folder = join(bench.folder, `config-${folders++}`);
  await mkdir(folder);
  await writeFile(join(folder, "config.json"), JSON.stringify(config));
  const cases = Object.entries(logins).map(
    ([host, { username, password }]) =>
      `${host}) echo '${JSON.stringify({ ServerURL: host, Username: username, Secret: password })}';;`,
  );
  const script = `#!/bin/sh\nread host\necho "$host" >> "${folder}/asked"\ncase "$host" in\n${cases.join("\n")}\n*) echo "credentials not found in native keychain"; exit 1;;\nesac\n`;
  for (const name of helpers) {
    await writeFile(join(folder, `docker-credential-${name}`), script);
    await chmod(join(folder, `docker-credential-${name}`), 0o755);
  }
  return { DOCKER_CONFIG: folder, PATH: `${folder}${delimiter}${process.env.PATH}` };
}

const auths = () =>
  Object.fromEntries(
    Object.entries(logins).map(([host, { username, password }]) => [
      host,
      { auth: Buffer.from(`${username}:${password}`).toString("base64") },
    ]),
  );

const build = (environment: Record<string, string>, folder: string, tag: string) =>
  bench.runWith(environment, process.execPath, varve, "build", `--server=${bench.url}`, "-t", tag, folder);

describe.each(["debian", "tokens"] as const)("a private image of %s", (registry) => {
  const settings: [string, () => Promise<Record<string, string>>][] = [
    ["auths", () => settingsOf({ auths: auths() })],
    ["credsStore", () => settingsOf({ credsStore: "test" }, ["test"])],
    [
      "credHelpers",
      () =>
        settingsOf({ credHelpers: Object.fromEntries(Object.keys(logins).map((host) => [host, "test"])) }, [
          "test",
        ]),
    ],
  ];

  test.each(settings)("is a base, and a source of COPY, by %s", async (_, settingsFor) => {
    const environment = await settingsFor();
    const image = imageOf[registry];
    const base = await build(environment, await contextOf(`FROM ${image}\nLABEL a=b\n`), `${registry}/base`);
    expect(base).toMatch(/^sha256:/);
    const copy = `FROM scratch\nCOPY --from=${image} /secret /copy\n`;
    expect(await build(environment, await contextOf(copy), `${registry}/copy`)).toMatch(/^sha256:/);
  });

  test("is rejected without credentials: the error explains where to log in", async () => {
    const environment = await settingsOf({});
    const host = imageOf[registry].split("/")[0];
    const refused = build(environment, await contextOf(`FROM ${imageOf[registry]}\n`), `${registry}/base`);
    await expect(refused).rejects.toThrow(`docker login ${host}`);
  });

  test("is run by varve run", async () => {
    const [host] = imageOf[registry].split("/");
    const name = `${host}/team/run:1`;
    const folder = await contextOf('FROM scratch\nCOPY busybox /bin/\nENTRYPOINT ["/bin/busybox"]\n');
    await writeFile(join(folder, "busybox"), findBusybox().binary, { mode: 0o755 });
    await build(await settingsOf({}), folder, `${registry}/run`);
    const { username, password } = logins[host as string] as (typeof logins)[string];
    const copied = [`docker://${bench.host}/${registry}/run`, `docker://${name}`];
    const insecure = ["--src-tls-verify=false", "--dest-tls-verify=false"];
    await bench.run("skopeo", "copy", "-q", `--dest-creds=${username}:${password}`, ...insecure, ...copied);
    const run = async (config: object) => {
      const environment = { ...(await settingsOf(config)), VARVE_SERVER: bench.url };
      return bench.runWith(environment, process.execPath, varve, "run", name, "echo", "it runs");
    };
    expect(await run({ auths: auths() })).toBe("it runs\n");
    await expect(run({})).rejects.toThrow(`docker login ${host}`);
  });

  test("is a base of docker build", async () => {
    const environment = {
      ...(await settingsOf({ auths: auths() })),
      DOCKER_HOST: `tcp://${bench.host}`,
      DOCKER_BUILDKIT: "0",
    };
    const folder = await contextOf(`FROM ${imageOf[registry]}\nLABEL by=docker\n`);
    const output = await bench.runWith(environment, "docker", "build", "-t", `${registry}/docker`, folder);
    expect(output).toContain("Successfully built");
    const anonymous = { ...environment, ...(await settingsOf({})) };
    const host = imageOf[registry].split("/")[0];
    await expect(bench.runWith(anonymous, "docker", "build", folder)).rejects.toThrow(`docker login ${host}`);
  });
});

test("a tar file is sent again with credentials, and for stdin the error explains why not", async () => {
  const environment = await settingsOf({ auths: auths() });
  const folder = await contextOf(`FROM ${imageOf.debian}\nCOPY Dockerfile /copy\n`);
  const archive = join(bench.folder, "context.tar");
  await bench.run("tar", "-C", folder, "-cf", archive, ".");
  expect(await build(environment, archive, "archive/app")).toMatch(/^sha256:/);
  const command = `"$0" "$1" build --server=${bench.url} -t archive/app - < ${archive}`;
  const piped = bench.runWith(environment, "sh", "-c", command, process.execPath, varve);
  await expect(piped).rejects.toThrow(/A context from a stream cannot be sent again/);
});

test("only the credentials of the rejecting registry are read", async () => {
  const environment = await settingsOf({ credsStore: "test" }, ["test"]);
  await build(environment, await contextOf(`FROM ${imageOf.debian}\nLABEL c=d\n`), "asked/app");
  const asked = await bench.run("cat", join(environment.DOCKER_CONFIG ?? "", "asked"));
  expect(new Set(asked.trim().split("\n"))).toEqual(new Set([debian.host]));
});

test("the server stores no credentials", async () => {
  expect(await placesOfSecrets({ admin }, join(bench.folder, "varve"))).toEqual({});
});
