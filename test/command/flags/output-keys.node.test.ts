import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { sha256 } from "../../../src/streams/sha256.ts";
import { varve } from "../../cli/server.ts";
import { readTar } from "../../differential/archive/read.ts";
import { temporaryFolder } from "../../helpers/temporary-folder.ts";
import {
  type Built,
  build,
  digest,
  files,
  flagsOf,
  hostOf,
  reference,
  serverUrl,
  tagsOf,
  withServer,
} from "./flag-builds.ts";

// Tests the effect of each key of --output.

withServer();

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
      env: { VARVE_SERVER: serverUrl() },
      stdin: "FROM scratch\nLABEL a=b\n",
    });
    expect(status).toBe(0);
    expect(await tagsOf("flags/by-output")).toEqual(["1"]);
  },
  "push-by-digest": async () => {
    const spec = "type=image,name={{host}}/flags/matrix,push-by-digest=true,name-canonical=true,push=true";
    using folder = temporaryFolder(files);
    const { status, stdout, stderr } = await varve(
      ["build", "-o", spec.replace("{{host}}", hostOf()), "--metadata-file=m.json", "."],
      { cwd: folder.path, env: { VARVE_SERVER: serverUrl() } },
    );
    expect(stderr).not.toContain("WARNING");
    expect(status).toBe(0);
    expect(stdout).toMatch(digest);
    expect(await tagsOf("flags/matrix")).toEqual([]);
    const answer = await fetch(`${serverUrl()}/v2/flags/matrix/manifests/${stdout.trim()}`);
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
    expect(unknown.stderr).toContain('compression "estargz" is not supported: it must be gzip or zstd');
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
    const base = await build([]);
    const on = { Dockerfile: `FROM ${hostOf()}/${base.name}\nCOPY c /\n`, c: "c" };
    const mixed = await build(["-o", "type=image,compression=zstd"], on);
    const forced = await build(["-o", "type=image,compression=zstd,force-compression=true"], on);
    const again = await build(["-o", "type=image,compression=zstd,force-compression=true"], on);
    const kinds = async (built: Built) =>
      ((await built.manifest()).layers ?? []).map(({ mediaType }) => mediaType.replace(/.*\+/, ""));
    expect(await kinds(mixed)).toEqual(["gzip", "gzip", "zstd"]);
    expect(await kinds(forced)).toEqual(["zstd", "zstd", "zstd"]);
    expect((await forced.config()).rootfs).toEqual((await mixed.config()).rootfs);
    expect(await again.manifest()).toEqual(await forced.manifest());
    const tar = zstdDecompressSync(await again.firstLayer());
    expect(sha256(tar)).toBe((await again.config()).rootfs.diff_ids[0]);
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
  "the time of an archived image": async () => {
    const text = { Dockerfile: "ARG SOURCE_DATE_EPOCH\nFROM scratch\nCOPY a /\n", a: "a" };
    const createdIn = async (type: string, ...flags: string[]) => {
      const { folder, config } = await build(["-o", `type=${type},dest={{folder}}/o.tar`, ...flags], text);
      const index = readTar(readFileSync(join(folder, "o.tar"))).find(({ path }) => path === "index.json");
      const [first] = JSON.parse(new TextDecoder().decode(index?.content)).manifests;
      return { ...first, config };
    };
    const created = "org.opencontainers.image.created";
    const usual = await createdIn("oci");
    const { created: ofConfig = "" } = await usual.config();
    expect(usual.annotations).toMatchObject({ [created]: ofConfig.replace(/\.\d+Z$/, "Z") });
    const docker = await createdIn("docker", "--build-arg=SOURCE_DATE_EPOCH=86400");
    expect(docker.annotations).toMatchObject({ [created]: "1970-01-02T00:00:00Z" });
    const two = await createdIn("oci", "--platform=linux/amd64,linux/arm64", "--timestamps=fixed");
    expect(two.annotations).toMatchObject({ [created]: "1980-01-01T00:00:00Z" });
    const own = await createdIn(`docker,annotation-manifest-descriptor.${created}=mine`);
    expect(own.annotations).toMatchObject({ [created]: "mine" });
    const types = "application/vnd.docker.distribution.manifest";
    expect(await createdIn("oci,oci-mediatypes=false")).toMatchObject({ mediaType: `${types}.v2+json` });
    const list = await createdIn("oci,oci-mediatypes=false", "--platform=linux/amd64,linux/arm64");
    expect(list).toMatchObject({ mediaType: `${types}.list.v2+json` });
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
    // Only the index of an OCI layout contains the descriptor of the image.
    const ofLayout = async (annotation: string, ...flags: string[]) => {
      const output = `type=oci,tar=false,dest={{folder}}/layout,annotation-${annotation}`;
      const { folder } = await build(["-o", output, ...flags]);
      const index = JSON.parse(readFileSync(join(folder, "layout/index.json"), "utf8")) as {
        manifests: { annotations: Record<string, string> }[];
      };
      return index.manifests.map(({ annotations: found }) => found);
    };
    expect(await ofLayout("index-descriptor.i=6", "--sbom=true")).toMatchObject([{ i: "6" }]);
    expect(await ofLayout("index-descriptor.i=6", "--platform=linux/amd64,linux/arm64")).toMatchObject([
      { i: "6" },
    ]);
    expect(await ofLayout("manifest-descriptor.m=7")).toMatchObject([{ m: "7" }]);
    expect(await ofLayout("manifest-descriptor[linux/amd64].m=8")).toMatchObject([{ m: "8" }]);
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
  "rewrite-timestamp": async () => {
    const spec = "type=oci,dest={{folder}}/out.tar,rewrite-timestamp=true";
    const built = await build(["-o", spec, "--source-date-epoch=86400"]);
    const config = await built.config();
    expect(config).toMatchObject({ created: "1970-01-02T00:00:00Z" });
    const [entry] = readTar(gunzipSync(await built.firstLayer()));
    expect(entry).toMatchObject({ path: "a", mtime: 86_400 });
  },
  push: async () => {
    const pushed = await build(["-o", "type=image,push=true"]);
    expect(pushed.stderr).toContain("WARNING: nothing was pushed");
    const kept = await build(["-o", "type=image,push=false"]);
    expect(kept).toMatchObject({ status: 0 });
    expect(kept.stderr).not.toContain("WARNING");
    expect((await build(["-o", "type=image,push=maybe"])).stderr).toContain(
      'non-bool value specified for push: "maybe"',
    );
  },
  "name-canonical": async () => {
    const built = await build(["-o", "type=image,name-canonical=true"]);
    expect(built.stderr).not.toContain("WARNING");
    expect((await built.manifest(built.stdout.trim())).config).toBeDefined();
  },
  dest: async () => {
    const toFile = await build(["-o", "type=docker,dest={{folder}}/out.tar"]);
    const names = readTar(readFileSync(join(toFile.folder, "out.tar"))).map(({ path }) => path);
    expect(names).toEqual(expect.arrayContaining(["manifest.json", "index.json"]));
    expect((await build(["-o", "type=local"])).status).toBe(2);
  },
  tar: async () => {
    const built = await build(["-o", "type=oci,dest={{folder}}/layout,tar=false"]);
    const index = JSON.parse(readFileSync(join(built.folder, "layout/index.json"), "utf8"));
    expect(index.manifests[0].digest).toBe(built.stdout.trim());
    expect(index.manifests[0].annotations).toMatchObject({ "org.opencontainers.image.ref.name": "latest" });
  },
  "a layout with other images": async () => {
    using folder = temporaryFolder(files);
    const layout = async (...flags: string[]) => {
      const words = ["build", "-o", "type=oci,dest=layout,tar=false", ...flags, "."];
      const options = { cwd: folder.path, env: { VARVE_SERVER: serverUrl() } };
      expect(await varve(words, options)).toMatchObject({ status: 0 });
      const index = JSON.parse(readFileSync(join(folder.path, "layout/index.json"), "utf8"));
      return index.manifests.map(({ annotations }: { annotations: Record<string, string> }) => [
        annotations["io.containerd.image.name"],
        annotations["org.opencontainers.image.ref.name"],
      ]);
    };
    const [one, two, none] = [
      ["docker.io/l/a:1", "1"],
      ["docker.io/l/a:2", "2"],
      [undefined, "latest"],
    ];
    expect(await layout("-t", "l/a:1")).toEqual([one]);
    expect(await layout("-t", "l/a:2", "--label=x=y")).toEqual([one, two]);
    expect(await layout()).toEqual([one, two, none]);
    expect(await layout()).toEqual([one, two, none]);
    expect(await layout("-t", "l/a:1", "--label=x=z")).toEqual([two, none, one]);
  },
  mode: async () => {
    const beside = await build(["-o", "type=local,dest={{folder}},mode=copy"]);
    expect(readFileSync(join(beside.folder, "Dockerfile"), "utf8")).toBe(files.Dockerfile);
    expect((await build(["-o", "type=local,dest={{folder}},mode=delete"])).stderr).toContain(
      'mode "delete" is not supported',
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
  ...Object.fromEntries(
    [
      "buildinfo",
      "dangling-name-prefix",
      "oci-artifact",
      "prefer-nondist-layers",
      "registry.insecure",
      "unpack",
    ].map((key) => [
      key,
      () => expect(flagsOf(`-o=type=image,${key}=true`).warnings).toEqual([noEffect(key)]),
    ]),
  ),
  context: () => expect(flagsOf("-o=type=docker,context=other").warnings).toEqual([noEffect("context")]),
  store: () => {
    expect(flagsOf("-o=type=image,store=false").warnings).toEqual([noEffect("store")]);
    expect(flagsOf("-o=type=image,store=true").warnings).toEqual([]);
  },
  "outputs that disagree": async () => {
    const { status, stderr } = await build([
      "-o",
      "type=image,compression=zstd",
      "-o",
      "type=oci,dest=x,compression=gzip",
    ]);
    expect(status).toBe(2);
    expect(stderr).toContain("outputs require different images: compression is zstd and gzip");
  },
};

function noEffect(key: string): unknown {
  return expect.stringContaining(`--output key ${key} has no effect: `);
}

describe("keys of --output", () => {
  test("are all tested", () => {
    const [, table = ""] = /^\| key \| types .*\n.*\n((?:\|.*\n)+)/m.exec(reference) ?? [];
    // Of `push=true` the name, and `annotation` for all of its forms.
    const documented = table
      .split("\n")
      .flatMap((row) => [...(row.split(" | ")[0] ?? "").matchAll(/`([a-z.-]+)[^`]*`/g)])
      .map(([, key = ""]) => key.replace(/^annotation.*/, "annotation"));
    expect(documented.length).toBeGreaterThan(20);
    expect(Object.keys(outputs)).toEqual(expect.arrayContaining(documented));
  });

  test.each(Object.entries(outputs))("%s", async (_, check) => {
    await check();
  });
});
