import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  eraseCredentials,
  storeCredentials,
  storedAuthorization,
  storedCredentials,
} from "../../src/machine/docker-credentials.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");

/** Settings of docker in a folder of their own. */
function settings(config: object) {
  const folder = temporaryFolder({ "config.json": JSON.stringify(config) });
  const read = () => JSON.parse(readFileSync(join(folder.path, "config.json"), "utf8"));
  const environment = { DOCKER_CONFIG: folder.path, PATH: `${folder.path}:${process.env.PATH}` };
  return { ...folder, environment, read };
}

test.each<[string, object, string, object | undefined]>([
  [
    "by host",
    { "a.io": { auth: base64("me:pass:word") } },
    "a.io",
    { username: "me", password: "pass:word" },
  ],
  [
    "by an old name",
    { "https://a.io/v1/": { auth: base64("me:x") } },
    "a.io",
    { username: "me", password: "x" },
  ],
  [
    "in clear",
    { "a.io:5000": { username: "u", password: "p" } },
    "a.io:5000",
    { username: "u", password: "p" },
  ],
  [
    "for Docker Hub",
    { "https://index.docker.io/v1/": { auth: base64("u:p") } },
    "docker.io",
    { username: "u", password: "p" },
  ],
  [
    "as a token",
    { "a.io": { auth: base64("u:"), identitytoken: "t" } },
    "a.io",
    { username: "u", password: "", identityToken: "t" },
  ],
  ["for another", { "b.io": { auth: base64("u:p") } }, "a.io", undefined],
  ["emptied by a helper", { "a.io": {} }, "a.io", undefined],
])("credentials are found %s", async (_, auths, host, expected) => {
  using docker = settings({ auths });
  expect(await storedCredentials(host, docker.environment)).toEqual(expected);
});

test("there are no credentials without settings", async () => {
  expect(await storedCredentials("a.io", { DOCKER_CONFIG: "/nonexistent" })).toBeUndefined();
});

test("damaged settings are reported", async () => {
  using folder = temporaryFolder({ "config.json": "{" });
  await expect(storedCredentials("a.io", { DOCKER_CONFIG: folder.path })).rejects.toThrow(
    `Cannot read ${folder.path}/config.json: `,
  );
});

test("credentials are stored readable only by the user, with other settings preserved", async () => {
  using docker = settings({ auths: { "b.io": { auth: "x" } }, detachKeys: "ctrl-x" });
  await storeCredentials("localhost:8787", { username: "token", password: "s3cret" }, docker.environment);
  expect(docker.read()).toEqual({
    auths: { "b.io": { auth: "x" }, "localhost:8787": { auth: base64("token:s3cret") } },
    detachKeys: "ctrl-x",
  });
  expect(statSync(join(docker.path, "config.json")).mode & 0o777).toBe(0o600);
  expect(await storedAuthorization("localhost:8787", docker.environment)).toBe(
    `Basic ${base64("token:s3cret")}`,
  );
  expect(await eraseCredentials("localhost:8787", docker.environment)).toBe(true);
  expect(await eraseCredentials("localhost:8787", docker.environment)).toBe(false);
  expect(docker.read().auths).toEqual({ "b.io": { auth: "x" } });
});

test("credentials are read from a credential helper when docker has one", async () => {
  using docker = settings({ credsStore: "test", credHelpers: { "bad.io": "broken" } });
  const helper = join(docker.path, "docker-credential-test");
  const kept = join(docker.path, "kept");
  mkdirSync(kept);
  writeFileSync(
    helper,
    `#!/bin/sh
cd ${kept}
case "$1" in
  store) cat > entry;;
  get) if [ -f entry ]; then cat entry; else echo "credentials not found in native keychain"; exit 1; fi;;
  erase) cat > erased; rm entry;;
esac
`,
    { mode: 0o755 },
  );
  const broken = join(docker.path, "docker-credential-broken");
  writeFileSync(broken, "#!/bin/sh\necho no keychain; exit 1\n", { mode: 0o755 });
  const { environment } = docker;
  expect(await storedCredentials("a.io", environment)).toBeUndefined();
  expect(await storeCredentials("a.io", { username: "u", password: "p" }, environment)).toBe(
    "docker-credential-test",
  );
  expect(JSON.parse(readFileSync(join(kept, "entry"), "utf8"))).toEqual({
    ServerURL: "a.io",
    Username: "u",
    Secret: "p",
  });
  expect(JSON.stringify(docker.read())).not.toContain('"p"');
  expect(await storedCredentials("a.io", environment)).toEqual({ username: "u", password: "p" });
  expect(await eraseCredentials("a.io", environment)).toBe(true);
  expect(readFileSync(join(kept, "erased"), "utf8")).toBe("a.io");
  await expect(storedCredentials("bad.io", environment)).rejects.toThrow(
    "docker-credential-broken get failed: no keychain",
  );
});

test("a missing helper is no error for a server without credentials", async () => {
  using docker = settings({ credsStore: "desktop", auths: { "a.io": {} } });
  expect(await storedAuthorization("localhost:8787", docker.environment)).toBeUndefined();
  await expect(storedAuthorization("a.io", docker.environment)).rejects.toThrow(
    "Cannot run docker-credential-desktop, the credential helper in docker's config.json: no such file",
  );
});

test("errors of invalid JSON do not quote secrets", async () => {
  using docker = settings({ credHelpers: { "a.io": "garbled" } });
  const { environment } = docker;
  const helper = join(docker.path, "docker-credential-garbled");
  writeFileSync(helper, `#!/bin/sh\necho '{"Secret":x"hidden"}'\n`, { mode: 0o755 });
  const messageOf = () => storedCredentials("a.io", environment).catch((error: Error) => error.message);
  expect(await messageOf()).toBe(
    "Cannot read the credentials that the credential helper printed: it is not valid JSON",
  );
  const file = join(docker.path, "config.json");
  writeFileSync(file, '{"auths":{"a.io":{"auth":x"hidden"}}}');
  expect(await messageOf()).toBe(`Cannot read ${file}: it is not valid JSON`);
});
