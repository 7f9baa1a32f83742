import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { buildFlagTable } from "../../../src/command/flags/build-flag-table.ts";
import { parseFlags } from "../../../src/command/flags/parse.ts";
import { readTar } from "../../differential/archive/read.ts";
import { buildxFlags } from "./buildx-flag-names.ts";
import { build, files, flagsOf, labelsOf, optionsOf, reference, tagsOf, withServer } from "./flag-builds.ts";

// Tests the effect of each flag of `docker buildx build`. For flags of RUN, this file tests the request; test/runner and
// the differential suite test the effect.

withServer();

const cases: Record<string, () => unknown> = {
  "add-host": () =>
    expect(optionsOf("--add-host=a:1.2.3.4", "--add-host", "b=::1")).toMatchObject({
      extraHosts: ["a:1.2.3.4", "b=::1"],
    }),
  allow: () => expect(optionsOf("--allow=network.host")).toMatchObject({ allow: ["network.host"] }),
  annotation: async () => {
    const built = await build(["--annotation=a=b", "--annotation", "manifest:c=d"]);
    expect((await built.manifest()).annotations).toEqual({ a: "b", c: "d" });
    const refused = await build(["--annotation=index:a=b"]);
    expect(refused).toMatchObject({ status: 2 });
    expect(refused.stderr).toContain("index annotations not supported for single platform export");
    const both = await build(["--annotation=index:a=b", "--platform=linux/amd64,linux/arm64"]);
    expect((await both.manifest()).annotations).toEqual({ a: "b" });
    const nowhere = await build(["--annotation=manifest[linux/s390x]:a=b"]);
    expect(nowhere.stderr).toContain("invalid annotation: no platform linux/s390x found in source");
  },
  attest: async () => {
    const built = await build(["--attest", "type=provenance,mode=max", "--attest=type=sbom"]);
    const { manifests = [] } = await built.manifest();
    expect(manifests.map(({ platform }) => platform.os)).toEqual(["linux", "unknown"]);
    const { layers = [] } = await built.manifest(manifests[1]?.digest);
    expect(layers).toHaveLength(2);
    const none = await build(["--attest", "type=provenance,disabled=true", "--provenance=true"]);
    expect((await none.manifest()).manifests).toBeUndefined();
    const unknown = await build(["--attest", "type=moon"]);
    expect(unknown).toMatchObject({ status: 2 });
    expect(unknown.stderr).toContain('unsupported attestation type "moon": it must be provenance or sbom');
  },
  "build-arg": async () => {
    expect(await labelsOf("--build-arg", "A=1")).toEqual({ arg: "1" });
    const fromEnvironment = await build(["--build-arg=A"], files, { A: "2" });
    expect((await fromEnvironment.config()).config.Labels).toEqual({ arg: "2" });
  },
  "build-context": async () => {
    const named = { Dockerfile: "FROM scratch\nCOPY --from=more x /\n", "more/x": "x" };
    expect(await build(["--build-context", "more={{folder}}/more"], named)).toMatchObject({ status: 0 });
  },
  builder: async () => {
    const { stderr, status } = await build(["--builder=default"]);
    expect(status).toBe(0);
    expect(stderr).toContain("WARNING: --builder has no effect");
  },
  "cache-from": async () => {
    const { stderr, status } = await build(["--cache-from=type=gha"]);
    expect(status).toBe(0);
    expect(stderr).toContain("WARNING: --cache-from has no effect");
  },
  "cache-to": async () => {
    const { stderr, status } = await build(["--cache-to=type=inline"]);
    expect(status).toBe(0);
    expect(stderr).toContain("WARNING: --cache-to has no effect");
  },
  call: async () => {
    const { stdout, status } = await build(["--call=targets"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/one[\s\S]*two/);
  },
  "cgroup-parent": async () => {
    const { stderr, status } = await build(["--cgroup-parent=/x"]);
    expect(status).toBe(0);
    expect(stderr).toContain("WARNING: --cgroup-parent has no effect: the runner chooses the control groups");
  },
  check: async () => {
    const { stdout, status } = await build(["--check"], { Dockerfile: "from scratch\nCOPY a /\n", a: "" });
    expect(status).toBe(5);
    expect(stdout).toContain("ConsistentInstructionCasing");
  },
  debug: async () => expect((await build(["--debug"])).status).toBe(0),
  file: async () => {
    expect(await labelsOf("-f", "{{folder}}/other")).toEqual({ file: "other" });
    expect((await build(["--file=missing"])).stderr).toContain("open missing: no such file or directory");
  },
  iidfile: async () => {
    const built = await build(["--iidfile", "{{folder}}/iid"]);
    const { config } = await built.manifest();
    expect(readFileSync(join(built.folder, "iid"), "utf8")).toBe(config?.digest);
  },
  label: async () => expect(await labelsOf("--label=a=b", "--label", "c")).toMatchObject({ a: "b", c: "" }),
  load: async () => {
    const built = await build(["--load"], files, { DOCKER_HOST: "unix:///nonexistent" });
    expect(built).toMatchObject({ status: 1 });
    expect(built.stderr).toMatch(/docker load failed|docker is not installed on this machine/);
  },
  "metadata-file": async () => {
    const built = await build(["--metadata-file={{folder}}/m.json", "-t", "flags/named:1"]);
    const metadata = JSON.parse(readFileSync(join(built.folder, "m.json"), "utf8"));
    expect(metadata["containerimage.digest"]).toBe(built.stdout.trim());
    expect(metadata["image.name"]).toBe("flags/named:1");
  },
  network: () => {
    expect(optionsOf("--network=none")).toMatchObject({ network: "none" });
    expect(optionsOf("--network=host")).toMatchObject({ network: "host", allow: ["network.host"] });
    expect(() => optionsOf("--network=bridge")).toThrow('network mode "bridge" not supported');
  },
  "no-cache": async () => {
    await build([]);
    expect((await build([])).stderr).toContain("CACHED");
    expect((await build(["--no-cache"])).stderr).not.toContain("CACHED");
  },
  "no-cache-filter": async () => {
    await build([]);
    const { stderr } = await build(["--no-cache-filter=two"]);
    expect(stderr).toMatch(/COPY a \/\n#\d+ CACHED/);
    expect(stderr).not.toMatch(/COPY b \/\n#\d+ CACHED/);
  },
  output: async () => {
    const built = await build(["--output", "{{folder}}/out"]);
    expect(readFileSync(join(built.folder, "out/b"), "utf8")).toBe("b");
  },
  platform: async () => {
    expect(await (await build(["--platform=linux/arm64"])).config()).toMatchObject({ architecture: "arm64" });
    const { manifests } = await (await build(["--platform=linux/amd64,linux/s390x"])).manifest();
    expect(manifests).toHaveLength(2);
  },
  policy: async () => {
    const { stderr, status } = await build(["--policy=reset=true"]);
    expect(status).toBe(0);
    expect(stderr).toContain("WARNING: --policy has no effect");
  },
  progress: async () => {
    const { stderr } = await build(["--progress=rawjson"]);
    expect(JSON.parse(stderr.split("\n")[0] ?? "")).toHaveProperty("vertexes");
    expect((await build(["--progress=none"])).stderr).toBe("");
  },
  provenance: async () => {
    const { manifests = [] } = await (await build(["--provenance=mode=min"])).manifest();
    expect(manifests[1]?.annotations).toEqual({
      "vnd.docker.reference.digest": manifests[0]?.digest,
      "vnd.docker.reference.type": "attestation-manifest",
    });
    const beside = await build(["--provenance=true", "--attestations=referrers"]);
    expect((await beside.manifest()).manifests).toBeUndefined();
  },
  pull: () => expect(optionsOf("--pull")).toMatchObject({ pull: true }),
  push: async () => {
    const { status, stderr } = await build(["--push"]);
    expect(status).toBe(0);
    expect(stderr).toContain("WARNING: nothing was pushed");
  },
  quiet: async () => {
    const built = await build(["-q", "--progress=auto"]);
    const { config } = await built.manifest();
    expect(built).toMatchObject({ stdout: `${config?.digest}\n`, stderr: "" });
  },
  resource: async () =>
    expect((await build(["--resource=memory=1g"])).stderr).toContain("WARNING: --resource has no effect"),
  sbom: async () => {
    expect((await (await build(["--sbom=true"])).manifest()).manifests).toHaveLength(2);
    expect((await (await build(["--sbom=false"])).manifest()).manifests).toBeUndefined();
    const { stderr } = await build(["--sbom=generator=docker/scout"]);
    expect(stderr).toContain("WARNING: --sbom: generator has no effect");
  },
  secret: () => {
    expect(flagsOf("--secret=id=s,env=S").secrets).toMatchObject([{ id: "s" }]);
  },
  "shm-size": () => expect(optionsOf("--shm-size=128m")).toMatchObject({ shmSize: 128 * 1024 * 1024 }),
  ssh: () => {
    expect(flagsOf("--ssh=default=/agent").ssh).toMatchObject([{ id: "default" }]);
  },
  tag: async () => {
    const { status } = await build(["-t", "flags/tag:1", "--tag=flags/tag:2"]);
    expect(status).toBe(0);
    expect(await tagsOf("flags/tag")).toEqual(["1", "2"]);
  },
  target: async () => {
    expect((await (await build(["--target=one"])).config()).rootfs.diff_ids).toHaveLength(1);
    expect((await build(["--target=oen"])).stderr).toContain('"oen" could not be found');
  },
  ulimit: () =>
    expect(optionsOf("--ulimit=nofile=1024:2048")).toMatchObject({
      ulimits: [{ name: "nofile", soft: 1024, hard: 2048 }],
    }),
};

/** Flags that `docker buildx build` does not have. */
const ownCases: Record<string, () => unknown> = {
  attestations: async () => {
    const beside = await build(["--sbom=true", "--attestations=referrers"]);
    expect((await beside.manifest()).manifests).toBeUndefined();
    expect((await build(["--attestations=nowhere"])).status).toBe(2);
  },
  cache: () => {
    expect(optionsOf("--cache=max")).toMatchObject({ cache: "max" });
    expect(optionsOf("--cache=auto")).not.toHaveProperty("cache");
  },
  compression: async () => {
    const { layers = [] } = await (await build(["--compression=zstd"])).manifest();
    expect(layers[0]?.mediaType).toMatch(/zstd$/);
  },
  "digest-file": async () => {
    const built = await build(["--digest-file={{folder}}/digest"]);
    expect(readFileSync(join(built.folder, "digest"), "utf8")).toBe(built.stdout.trim());
  },
  "network-allow": () =>
    expect(flagsOf("--network-allow=localhost:3142").steps).toMatchObject({
      networkAllow: [{ host: "localhost", port: 3142 }],
    }),
  runner: () => expect(flagsOf("--runner=pool")).toMatchObject({ runner: "pool" }),
  server: () => expect(flagsOf("--server=http://a.example")).toMatchObject({ server: "http://a.example" }),
  "source-date-epoch": async () => {
    const built = await build(["--source-date-epoch=86400"]);
    expect(await built.config()).toMatchObject({ created: "1970-01-02T00:00:00Z" });
  },
  timestamps: async () => {
    const built = await build(["--timestamps=fixed", "-o", "type=tar,dest={{folder}}/out.tar"]);
    const entries = readTar(readFileSync(join(built.folder, "out.tar")));
    expect(entries.map(({ mtime }) => mtime)).toEqual([315_532_800, 315_532_800]);
  },
  token: () => expect(flagsOf("--token=t")).toMatchObject({ token: "t" }),
};

const flagNames = Object.entries(buildFlagTable).filter(([, flag]) => !("alias" in flag));
const ignoredFlags = flagNames.filter(([, flag]) => "ignored" in flag);

describe("flags of docker buildx build", () => {
  test("are all tested, and all known", () => {
    expect(Object.keys(cases).sort()).toEqual([...buildxFlags].sort());
    expect(Object.keys(buildFlagTable)).toEqual(expect.arrayContaining([...buildxFlags]));
  });

  test.each(Object.entries(cases))("--%s", async (_, check) => {
    await check();
  });
});

describe("other flags", () => {
  test("are all tested", () => {
    const applied = flagNames.filter((entry) => !ignoredFlags.includes(entry)).map(([name]) => name);
    expect([...Object.keys(cases), ...Object.keys(ownCases)]).toEqual(expect.arrayContaining(applied));
  });

  test.each(Object.entries(ownCases))("--%s", async (_, check) => {
    await check();
  });

  test.each(ignoredFlags)("--%s has no effect, and a documented reason", (name, { kind, help }) => {
    const word = kind === "bool" ? `--${name}` : `--${name}=x`;
    const { ignored, args } = parseFlags(buildFlagTable, [word, "."]);
    expect({ ignored, args }).toEqual({ ignored: [name], args: ["."] });
    expect(reference).toMatch(
      new RegExp(`^- .*\`--${name}\`.*: ${help.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`, "m"),
    );
  });
});
