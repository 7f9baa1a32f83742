import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { BuildRecord } from "../../schemas/build.ts";
import { type Files, type TemporaryFolder, temporaryFolder, write } from "../helpers/temporary-folder.ts";
import { startDebianRegistry } from "../registry/debian-registry.ts";
import { fileImage } from "../registry/test-image.ts";
import { type Command, Step, type StepOptions } from "./step.ts";
import { admin, audience, useTrustingServer } from "./trusting-server.ts";

const trusting = useTrustingServer("build,run:team/app");

const hello: Files = { Dockerfile: "FROM scratch\nCOPY a /\n", a: "a" };

function stepIn(
  folder: TemporaryFolder,
  inputs: Record<string, string> = {},
  options: Partial<StepOptions> = {},
): Step {
  const usual = { server: trusting.server.url, audience, tags: "team/app:1" };
  return new Step(
    { ...usual, ...inputs },
    { workspace: folder.path, env: trusting.issuer.environment, ...options },
  );
}

const named = (commands: readonly Command[], name: string) =>
  commands.filter((command) => command.name === name);

test("builds the checkout with the identity of the GitHub job", async () => {
  using folder = temporaryFolder(hello);
  const step = stepIn(folder);
  const { status, log, outputs, commands, summary } = await step.main();
  expect(log).toContain("#2 [1/1] COPY a /");
  expect(status).toBe(0);
  expect(trusting.issuer.audiences.at(-1)).toBe(audience);
  const manifest = await trusting.asAdmin<{ config: { digest: string } }>(
    `/v2/team/app/manifests/${outputs.digest}`,
  );
  expect(outputs.imageid).toBe(manifest.config.digest);
  expect(JSON.parse(outputs.metadata ?? "")).toMatchObject({
    "buildx.build.ref": outputs["build-id"],
    "containerimage.digest": outputs.digest,
    "containerimage.config.digest": outputs.imageid,
    "image.name": "team/app:1",
  });
  expect(await trusting.asAdmin<BuildRecord>(`/v1/builds/${outputs["build-id"]}`)).toMatchObject({
    state: "done",
  });
  expect(outputs["build-url"]).toBe(`${trusting.server.url}/#/builds/${outputs["build-id"]}`);
  expect(summary).toContain(`docker pull ${new URL(trusting.server.url).host}/team/app:1`);
  // The token of GitHub and the one that the server issued for it are masked, and appear nowhere else in the log.
  const masked = named(commands, "add-mask").map(({ message }) => message);
  expect(masked).toHaveLength(2);
  for (const secret of masked) expect(log.split(secret)).toHaveLength(2);
  expect(named(commands, "warning")).toEqual([]);
  const after = await step.post();
  expect([after.status, after.log]).toEqual([0, ""]);
});

test("builds an image without tags for a rule that names no scope for it", async () => {
  using folder = temporaryFolder({ ...hello, a: "untagged" });
  const env = { ...trusting.issuer.environment, GITHUB_REPOSITORY: "team/app" };
  const { status, log, outputs } = await stepIn(folder, { tags: "" }, { env }).main();
  expect([status, log]).toEqual([0, expect.stringContaining("COPY a /")]);
  const manifest = await fetch(`${trusting.server.url}/v2/builds/team/app/manifests/${outputs.digest}`, {
    headers: { authorization: `Bearer ${admin}`, accept: "*/*" },
  });
  expect(manifest.status).toBe(200);
  expect(await trusting.asAdmin(`/v2/builds/team/app/tags/list`)).toMatchObject({ tags: [] });
  // The repository of other jobs stays inaccessible.
  const other = await stepIn(folder, { tags: "builds/team/other" }).main();
  expect(other.status).toBe(1);
});

test("reads a private base image with the credentials of docker/login-action", async () => {
  const registry = await startDebianRegistry({ basic: true });
  try {
    await registry.push(fileImage({ secret: "private" }), "team/base:1");
    const auth = { [registry.host]: { auth: btoa("user:password") } };
    using config = temporaryFolder({ "config.json": JSON.stringify({ auths: auth }) });
    using folder = temporaryFolder({ Dockerfile: `FROM ${registry.host}/team/base:1\nLABEL a=b\n` });
    const refused = await stepIn(folder).main();
    expect([refused.status, refused.log]).toEqual([
      1,
      expect.stringContaining(`docker login ${registry.host}`),
    ]);
    const env = { ...trusting.issuer.environment, DOCKER_CONFIG: config.path };
    const { status, log } = await stepIn(folder, {}, { env }).main();
    expect([status, log]).toEqual([0, expect.not.stringContaining("docker login")]);
  } finally {
    await registry[Symbol.asyncDispose]();
  }
});

test("reports in the summary why a step was executed, and how the size changed", async () => {
  using folder = temporaryFolder(hello);
  const inputs = { tags: "team/app:again" };
  await stepIn(folder, inputs).main();
  const second = await stepIn(folder, inputs).main();
  expect(second.summary).toContain("1 of 1 steps were found in the build cache");
  expect(second.summary).toContain(", as before |");
  write(folder.path, { a: "another a" });
  const third = await stepIn(folder, inputs).main();
  expect(third.summary).toMatch(/\| miss \| \d+\.\ds \| [░█]{16} \| \d+ B \| .*a.* \|/);
  expect(third.summary).toMatch(/\| Size \| .*\(\+\d+ B/);
  const quiet = await stepIn(folder, { ...inputs, summary: "false" }).main();
  expect(quiet.summary).toBe("");
  expect(quiet.outputs.digest).toBe(third.outputs.digest);
});

test("compares in the summary with the last build of the branch, also one of another tag", async () => {
  using folder = temporaryFolder({ ...hello, a: "of a branch" });
  const on = (branch: string, tags: string) =>
    stepIn(folder, { tags }, { env: { ...trusting.issuer.environment, GITHUB_REF_NAME: branch } }).main();
  const first = await on("feature/x", "team/app:first");
  expect(first.summary).not.toContain("Last build");
  expect((await on("main", "team/app:second")).summary).not.toContain("Last build");
  write(folder.path, { a: "of a branch, changed" });
  const { summary } = await on("feature/x", "team/app:third");
  expect(summary).toContain(`Last build of feature/x](${first.outputs["build-url"]})`);
  expect(summary).toMatch(/\| Reused \| 0 of 1 steps \| 0 of 1 steps \|/);
  const record = await trusting.asAdmin<BuildRecord>(`/v1/builds/${first.outputs["build-id"]}`);
  expect(record.origin).toMatch(/^varve-action\/\S+ \(feature\/x\)$/);
});

describe("a job that the server does not know", () => {
  test("reports that GitHub issues no token", async () => {
    using folder = temporaryFolder(hello);
    const env = { ...trusting.issuer.environment, ACTIONS_ID_TOKEN_REQUEST_TOKEN: "over" };
    const { status, commands } = await stepIn(folder, {}, { env }).main();
    expect(status).toBe(1);
    expect(named(commands, "error")[0]?.message).toBe(
      "Cannot get an OIDC token from GitHub: it returned status 401",
    );
  });

  test("reports the missing permission of the job", async () => {
    using folder = temporaryFolder(hello);
    const { status, commands, outputs } = await stepIn(folder, {}, { env: {} }).main();
    expect(status).toBe(1);
    const [error] = named(commands, "error");
    expect(error?.message).toContain("permissions: id-token: write");
    expect(outputs).toEqual({});
  });

  test("may build nothing else", async () => {
    using folder = temporaryFolder(hello);
    const { status, commands } = await stepIn(folder, { tags: "team/other" }).main();
    expect(status).toBe(1);
    expect(named(commands, "error")).toHaveLength(1);
  });

  test("signs in with a token, which is masked", async () => {
    using folder = temporaryFolder(hello);
    const { status, commands } = await stepIn(folder, { token: admin }, { env: {} }).main();
    expect(status).toBe(0);
    expect(named(commands, "add-mask")).toEqual([{ name: "add-mask", properties: {}, message: admin }]);
  });
});

describe("a Dockerfile", () => {
  test("with a fault fails the step, on its line", async () => {
    using folder = temporaryFolder({
      "docker/Dockerfile": "FROM scratch\n\nCOPY missing /\n",
      "docker/a": "",
    });
    const { status, commands, outputs, summary } = await stepIn(folder, { context: "docker" }).main();
    expect(status).toBe(1);
    const [error, ...others] = named(commands, "error");
    expect(others).toEqual([]);
    expect(error?.properties).toMatchObject({ file: "docker/Dockerfile", line: "3" });
    expect(error?.message).toContain('"/missing": not found');
    expect(outputs).not.toHaveProperty("digest");
    expect(summary).toContain("/missing");
  });

  test("with findings has them on their lines, once, and is built", async () => {
    using folder = temporaryFolder({ Dockerfile: "FROM scratch\ncopy a /\nMAINTAINER me\nENV A 1\n", a: "" });
    const { status, commands, summary } = await stepIn(folder).main();
    expect(status).toBe(0);
    const places = named(commands, "warning").map(({ properties }) => [
      properties.title,
      properties.file,
      properties.line,
    ]);
    expect(places).toEqual([
      ["ConsistentInstructionCasing", "Dockerfile", "2"],
      ["MaintainerDeprecated", "Dockerfile", "3"],
      ["LegacyKeyValueFormat", "Dockerfile", "4"],
    ]);
    expect(summary).toContain("<code>MaintainerDeprecated</code>");
  });

  test("with more findings than GitHub shows has the rest in the summary", async () => {
    const lines = Array.from({ length: 30 }, (_, i) => `ENV A${i} 1`);
    using folder = temporaryFolder({
      Dockerfile: ["FROM scratch", ...lines, "COPY a /", ""].join("\n"),
      a: "",
    });
    const { commands, summary } = await stepIn(folder, { network: "host" }).main();
    expect(named(commands, "warning")).toHaveLength(10);
    expect(summary.match(/LegacyKeyValueFormat/g)).toHaveLength(30);
  });

  test("with findings is not built when the input requests that", async () => {
    using folder = temporaryFolder({ Dockerfile: "FROM scratch\ncopy a /\nMAINTAINER me\n", a: "" });
    const { status, outputs, commands } = await stepIn(folder, { "lint-fail-on": "warning" }).main();
    expect([status, outputs]).toEqual([1, {}]);
    expect(named(commands, "error")[0]?.message).toContain("lint");
    const check = await stepIn(folder, { call: "check" }).main();
    expect([check.status, check.outputs]).toEqual([1, {}]);
    const ignored = await stepIn(folder, { call: "check,ignorestatus=true" }).main();
    expect(ignored.status).toBe(0);
    const off = await stepIn(folder, { lint: "false" }).main();
    expect([off.status, named(off.commands, "warning")]).toEqual([0, []]);
  });
});

test("inputs without effect cause one warning and no failure", async () => {
  using folder = temporaryFolder(hello);
  const inputs = {
    allow: "network.host",
    builder: "b",
    "cache-from": "type=gha",
    "cache-to": "type=gha",
    "cgroup-parent": "c",
  };
  const { status, commands } = await stepIn(folder, inputs).main();
  expect(status).toBe(0);
  const warnings = named(commands, "warning");
  expect(warnings).toHaveLength(1);
  expect(warnings[0]?.message.split("\n").map((line) => line.split(":")[0])).toEqual([
    ...["cache-from", "cache-to", "builder", "cgroup-parent"],
  ]);
});

test.each<[Record<string, string>, string]>([
  [{ pull: "perhaps" }, 'the input pull must be true or false, not "perhaps"'],
  [{ "lint-fail-on": "all" }, 'the input lint-fail-on must be one of error, warning, never, not "all"'],
  [{ provenance: "mode=most" }, '--provenance: "mode=most" is not an option of provenance'],
  [{ server: "" }, "the input server is missing"],
])("invalid inputs, %j, fail with one error", async (inputs, message) => {
  using folder = temporaryFolder(hello);
  const asked = trusting.issuer.audiences.length;
  const { status, commands } = await stepIn(folder, inputs).main();
  expect(status).toBe(1);
  expect(named(commands, "error").map((error) => error.message)).toEqual([message]);
  if ("provenance" in inputs) return;
  expect(trusting.issuer.audiences.length).toBe(asked);
});

test("warns when the token that a checkout stores would be sent", async () => {
  const config = "[http]\n\textraheader = AUTHORIZATION: basic eDp5\n";
  using folder = temporaryFolder({ ...hello, ".git/config": config });
  const { status, commands } = await stepIn(folder).main();
  expect([status, named(commands, "warning").length]).toEqual([0, 1]);
  expect(named(commands, "warning")[0]?.message).toContain("persist-credentials: false");
  write(folder.path, { ".dockerignore": ".git\n" });
  expect(named((await stepIn(folder).main()).commands, "warning")).toEqual([]);
});

test("attestations and archives are created on request", async () => {
  using folder = temporaryFolder(hello);
  const inputs = {
    provenance: "mode=max",
    sbom: "true",
    outputs: "type=oci,dest=image.tar",
    tags: "team/app:attested",
  };
  const { status, outputs, summary } = await stepIn(folder, inputs).main();
  expect(status).toBe(0);
  expect(existsSync(join(folder.path, "image.tar"))).toBe(true);
  const index = await trusting.asAdmin<{ manifests: { digest: string }[] }>(
    `/v2/team/app/manifests/${outputs.digest}`,
  );
  expect(index.manifests).toHaveLength(2);
  const image = index.manifests[0]?.digest;
  const { manifests } = await trusting.asAdmin<{ manifests: object[] }>(`/v2/team/app/referrers/${image}`);
  expect(manifests.length).toBeGreaterThanOrEqual(2);
  expect(summary).toContain("slsa&#46;dev/provenance/v1");
});

describe("a job that is cancelled", () => {
  /** The build waits for a runner that does not exist. */
  const waiting: Files = { Dockerfile: "FROM scratch\nCOPY a /\nRUN --network=none true\n", a: "a" };
  const stateOf = async (id: string) => (await trusting.asAdmin<BuildRecord>(`/v1/builds/${id}`)).state;

  async function begun(step: Step) {
    const run = step.start();
    await expect.poll(run.log, { timeout: 20_000 }).toContain("waiting for a runner");
    return run;
  }

  test("cancels its build when the step is stopped", async () => {
    using folder = temporaryFolder(waiting);
    const step = stepIn(folder, { platforms: "linux/s390x", tags: "team/app:stopped" });
    const { pid, ended } = await begun(step);
    process.kill(pid, "SIGINT");
    const { status, outputs, commands, summary } = await ended;
    expect(status).toBe(1);
    expect(named(commands, "error")).toEqual([]);
    expect(summary).toContain("was cancelled");
    expect(await stateOf(outputs["build-id"] ?? "")).toBe("cancelled");
    expect((await step.post()).log).toBe("");
  });

  test("cancels its build at the end of the job when the step was killed", async () => {
    using folder = temporaryFolder(waiting);
    const step = stepIn(folder, { platforms: "linux/s390x", tags: "team/app:killed" });
    const { pid, ended } = await begun(step);
    process.kill(pid, "SIGKILL");
    const { outputs } = await ended;
    const id = outputs["build-id"] ?? "";
    expect(await stateOf(id)).toBe("running");
    const { status, log } = await step.post();
    expect([status, log]).toEqual([0, expect.stringContaining(`Cancelled the build ${id}`)]);
    expect(await stateOf(id)).toBe("cancelled");
  });
});
