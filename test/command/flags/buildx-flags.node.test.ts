import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BuildOptions } from "../../../schemas/options.ts";
import { buildFlagTable } from "../../../src/command/flags/build-flag-table.ts";
import { readBuildFlags } from "../../../src/command/flags/build-flags.ts";
import { parseFlags } from "../../../src/command/flags/parse.ts";
import type { LocalServer } from "../../../src/serve/local-server.ts";
import { type Files, temporaryFolder } from "../../cli/folder.ts";
import { type Run, startServer, varve } from "../../cli/server.ts";
import { buildxFlags } from "./buildx-flag-names.ts";

// Each flag of `docker buildx build` does what it says. What RUN makes of its flags is in test/runner and in the
// differential suite; here is what becomes of them on the way there.

let server: LocalServer & AsyncDisposable;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const files: Files = {
  Dockerfile: "ARG A=none\nFROM scratch AS one\nCOPY a /\nFROM one AS two\nARG A\nLABEL arg=$A\nCOPY b /\n",
  other: "FROM scratch\nLABEL file=other\n",
  a: "a",
  b: "b",
};

interface Built extends Run {
  folder: string;
  manifest(reference?: string): Promise<Manifest>;
  config(): Promise<Config>;
}
interface Manifest {
  mediaType: string;
  config?: { digest: string; mediaType: string };
  layers?: { mediaType: string; digest: string; size: number }[];
  manifests?: { digest: string; mediaType: string; annotations?: object; platform: { os: string } }[];
  annotations?: Record<string, string>;
}
interface Config {
  architecture: string;
  config: { Labels?: Record<string, string> };
  rootfs: { diff_ids: string[] };
}

let count = 0;
/** Builds as `flags/<number>`. */
async function build(
  words: string[],
  given: Files = files,
  env: Record<string, string> = {},
): Promise<Built> {
  const name = `flags/${++count}`;
  const folder = temporaryFolder(given);
  folders.push(folder);
  const all = words.map((word) =>
    word.replaceAll("{{folder}}", folder.path).replaceAll("{{host}}", hostOf()),
  );
  const tag = all.some((word) => /^(-t|--tag)/.test(word)) ? [] : ["-t", name];
  const run = await varve(["build", "--progress=plain", ...tag, ...all, folder.path], {
    cwd: folder.path,
    env: { VARVE_SERVER: server.url, XDG_CACHE_HOME: join(folder.path, "cache"), ...env },
  });
  const get = async <T>(path: string): Promise<T> => {
    const answer = await fetch(`${server.url}/v2/${path}`, { headers: { accept: "*/*" } });
    return (await answer.json()) as T;
  };
  const manifest = (reference = "latest") => get<Manifest>(`${name}/manifests/${reference}`);
  return {
    ...run,
    folder: folder.path,
    manifest,
    config: async () => get<Config>(`${name}/blobs/${(await manifest()).config?.digest}`),
  };
}
const folders: Disposable[] = [];
afterAll(() => {
  for (const folder of folders) folder[Symbol.dispose]();
});

function hostOf(): string {
  return new URL(server.url).host;
}

async function tagsOf(name: string): Promise<string[] | null> {
  const answer = await fetch(`${server.url}/v2/${name}/tags/list`);
  return ((await answer.json()) as { tags: string[] | null }).tags;
}

function optionsOf(...words: string[]): Partial<BuildOptions> {
  const { values, args } = parseFlags(buildFlagTable, [...words, "."]);
  return readBuildFlags(values, args, { HOME: "/nonexistent" }).options;
}

async function labelsOf(...words: string[]): Promise<Record<string, string> | undefined> {
  return (await (await build(words)).config()).config.Labels;
}

const digest = /^sha256:[0-9a-f]{64}\n$/;

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
    expect(refused).toMatchObject({ status: 1 });
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
    expect(unknown.stderr).toContain('attestation type "moon" is none of provenance, sbom');
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
    const { values, args } = parseFlags(buildFlagTable, ["--secret=id=s,env=S", "."]);
    expect(readBuildFlags(values, args, {}).secrets).toMatchObject([{ id: "s" }]);
  },
  "shm-size": () => expect(optionsOf("--shm-size=128m")).toMatchObject({ shmSize: 128 * 1024 * 1024 }),
  ssh: () => {
    const { values, args } = parseFlags(buildFlagTable, ["--ssh=default=/agent", "."]);
    expect(readBuildFlags(values, args, {}).ssh).toMatchObject([{ id: "default" }]);
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

describe("flags of docker buildx build", () => {
  test("are all tested, and all known", () => {
    expect(Object.keys(cases).sort()).toEqual([...buildxFlags].sort());
    expect(Object.keys(buildFlagTable)).toEqual(expect.arrayContaining([...buildxFlags]));
  });

  test.each(Object.entries(cases))("--%s", async (_, check) => {
    await check();
  });
});

const outputs: Record<string, () => unknown> = {
  "type=cacheonly": async () => {
    const built = await build([
      "-o",
      "type=cacheonly",
      "--metadata-file={{folder}}/m",
      "-t",
      "flags/cacheonly",
    ]);
    expect(built).toMatchObject({ status: 0, stdout: "" });
    expect(JSON.parse(readFileSync(join(built.folder, "m"), "utf8"))).not.toHaveProperty([
      "containerimage.digest",
    ]);
    expect(await tagsOf("flags/cacheonly")).toEqual([]);
  },
  name: async () => {
    const { status } = await varve(["build", "-o", "type=image,name=flags/by-output:1", "-"], {
      env: { VARVE_SERVER: server.url },
      stdin: "FROM scratch\nLABEL a=b\n",
    });
    expect(status).toBe(0);
    expect(await tagsOf("flags/by-output")).toEqual(["1"]);
  },
  "push-by-digest": async () => {
    const spec = "type=image,name={{host}}/flags/matrix,push-by-digest=true,name-canonical=true,push=true";
    const folder = temporaryFolder(files);
    folders.push(folder);
    const { status, stdout, stderr } = await varve(
      ["build", "-o", spec.replace("{{host}}", hostOf()), "--metadata-file=m.json", "."],
      { cwd: folder.path, env: { VARVE_SERVER: server.url } },
    );
    expect(stderr).not.toContain("WARNING");
    expect(status).toBe(0);
    expect(stdout).toMatch(digest);
    expect(await tagsOf("flags/matrix")).toEqual([]);
    const answer = await fetch(`${server.url}/v2/flags/matrix/manifests/${stdout.trim()}`);
    expect(answer.status).toBe(200);
    await answer.body?.cancel();
    const tagged = await build(["-o", "type=image,name=a.example/b:1,push-by-digest=true,push=true"]);
    expect(tagged).toMatchObject({ status: 2 });
    expect(tagged.stderr).toContain("can't push tagged ref a.example/b:1 by digest");
  },
  compression: async () => {
    const { layers = [] } = await (await build(["-o", "type=image,compression=zstd"])).manifest();
    expect(layers[0]?.mediaType).toBe("application/vnd.oci.image.layer.v1.tar+zstd");
    const unknown = await build(["-o", "type=image,compression=estargz"]);
    expect(unknown.stderr).toContain('compression "estargz" is not supported: it is gzip or zstd');
  },
  "compression-level": async () => {
    const text = { Dockerfile: "FROM scratch\nCOPY a /\n", a: "some text, ".repeat(5_000) };
    const sizes: number[] = [];
    for (const level of [0, 1, 9]) {
      const built = await build(["-o", `type=image,compression-level=${level}`], text);
      sizes.push((await built.manifest()).layers?.[0]?.size ?? 0);
    }
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
    expect(sizes[0]).toBeGreaterThan(text.a.length);
    expect(sizes[2]).toBeLessThan(sizes[1] ?? 0);
  },
  "force-compression": async () => {
    const base = `flags/base-${count}`;
    const host = hostOf();
    await build(["-t", base]);
    const on = { Dockerfile: `FROM ${host}/${base}\nCOPY c /\n`, c: "c" };
    const mixed = await build(["-o", "type=image,compression=zstd"], on);
    const forced = await build(["-o", "type=image,compression=zstd,force-compression=true"], on);
    const again = await build(["-o", "type=image,compression=zstd,force-compression=true"], on);
    const kinds = async (built: Built) =>
      ((await built.manifest()).layers ?? []).map(({ mediaType }) => mediaType.replace(/.*\+/, ""));
    expect(await kinds(mixed)).toEqual(["gzip", "gzip", "zstd"]);
    expect(await kinds(forced)).toEqual(["zstd", "zstd", "zstd"]);
    expect((await forced.config()).rootfs).toEqual((await mixed.config()).rootfs);
    expect(await again.manifest()).toEqual(await forced.manifest());
    const blob = await fetch(
      `${server.url}/v2/flags/${count}/blobs/${(await again.manifest()).layers?.[0]?.digest}`,
    );
    const tar = zstdDecompressSync(Buffer.from(await blob.arrayBuffer()));
    expect(`sha256:${createHash("sha256").update(tar).digest("hex")}`).toBe(
      (await again.config()).rootfs.diff_ids[0],
    );
  },
  "oci-mediatypes": async () => {
    const built = await build(["-o", "type=image,oci-mediatypes=false"]);
    expect(await built.manifest()).toMatchObject({
      mediaType: "application/vnd.docker.distribution.manifest.v2+json",
      config: { mediaType: "application/vnd.docker.container.image.v1+json" },
      layers: [{ mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip" }, {}],
    });
    const two = await build(["-o", "type=image,oci-mediatypes=false", "--platform=linux/amd64,linux/arm64"]);
    expect((await two.manifest()).mediaType).toBe(
      "application/vnd.docker.distribution.manifest.list.v2+json",
    );
    const attested = await build(["-o", "type=image,oci-mediatypes=false", "--sbom=true"]);
    expect(attested.stderr).toContain('cannot export attestations with "oci-mediatypes=false"');
    const zstd = await build(["-o", "type=image,oci-mediatypes=false,compression=zstd"]);
    expect(zstd.stderr).toContain('"compression=zstd" conflicts with "oci-mediatypes=false"');
  },
  annotation: async () => {
    const keys = "annotation.A=1,annotation-manifest.b=2,annotation-index.c=3,annotation[linux/arm64].d=4";
    const built = await build(["-o", `type=image,${keys}`, "--platform=linux/amd64,linux/arm64"]);
    const { manifests = [], annotations } = await built.manifest();
    expect(annotations).toEqual({ c: "3" });
    expect((await built.manifest(manifests[0]?.digest)).annotations).toEqual({ A: "1", b: "2" });
    expect((await built.manifest(manifests[1]?.digest)).annotations).toEqual({ A: "1", b: "2", d: "4" });
    const described = await build(["-o", "type=image,annotation-manifest-descriptor.e=5", "--sbom=true"]);
    expect((await described.manifest()).manifests?.[0]?.annotations).toEqual({ e: "5" });
  },
  "platform-split": async () => {
    const platforms = "--platform=linux/amd64,linux/arm64";
    const split = await build(["-o", "type=local,dest={{folder}}/out", platforms]);
    expect(readFileSync(join(split.folder, "out/linux_arm64/a"), "utf8")).toBe("a");
    const one = await build(["-o", "type=local,dest={{folder}}/out,platform-split=true"]);
    expect(readFileSync(join(one.folder, "out/linux_amd64/a"), "utf8")).toBe("a");
    const by = { Dockerfile: "FROM scratch\nARG TARGETARCH\nCOPY a /dir/$TARGETARCH\n", a: "a" };
    const together = await build(
      ["-o", "type=local,dest={{folder}}/out,platform-split=false", platforms],
      by,
    );
    expect(readFileSync(join(together.folder, "out/dir/arm64"), "utf8")).toBe("a");
    const clash = await build(["-o", "type=tar,dest={{folder}}/o.tar,platform-split=false", platforms]);
    expect(clash).toMatchObject({ status: 1 });
    expect(clash.stderr).toContain(
      "cannot overwrite a from linux/amd64 with linux/arm64 when split option is disabled",
    );
  },
  "an unknown key": async () => {
    for (const spec of ["type=image,shiny=1", "type=local,dest=x,push=true", "type=cacheonly,name=a"]) {
      const { status, stderr } = await build(["-o", spec]);
      expect(status).toBe(2);
      const [, key = ""] = /,(?:dest=x,)?([^=,]+)=[^,]*$/.exec(spec) ?? [];
      expect(stderr).toContain(`--output ${spec.split(",")[0]} has no key "${key}"`);
    }
  },
  "a key without effect": async () => {
    const { status, stderr } = await build(["-o", "type=image,unpack=true,store=false,store=true"]);
    expect(status).toBe(0);
    expect(stderr).toContain("WARNING: --output key unpack has no effect");
  },
  "outputs that disagree": async () => {
    const { status, stderr } = await build([
      "-o",
      "type=image,compression=zstd",
      "-o",
      "type=oci,dest=x,compression=gzip",
    ]);
    expect(status).toBe(2);
    expect(stderr).toContain("outputs want different images: compression is zstd and gzip");
  },
};

describe("keys of --output", () => {
  test.each(Object.entries(outputs))("%s", async (_, check) => {
    await check();
  });
});
