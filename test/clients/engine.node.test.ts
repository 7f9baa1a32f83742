import { copyFile, mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isInLab } from "../helpers/test-server.ts";
import { type Daemon, startDockerd } from "./daemons.ts";
import { announce } from "./programs.ts";
import { Suite } from "./suite.ts";

/** The server that is docker's daemon, and another one as a registry. */
let bench: Suite;
let elsewhere: Suite;
let dockerd: Daemon;

beforeAll(async () => {
  await announce("docker");
  [bench, elsewhere] = await Promise.all([Suite.start(), Suite.start()]);
  dockerd = await startDockerd(join(bench.folder, "docker"));
  await mkdir(join(bench.folder, "context"));
  await copyFile("/bin/busybox", join(bench.folder, "context", "busybox"));
  await writeFile(
    join(bench.folder, "context", "Dockerfile"),
    'FROM scratch\nARG WHAT=nothing\nLABEL what=$WHAT\nCOPY busybox /bin/busybox\nCMD ["/bin/busybox", "echo", "it runs"]\n',
  );
});

afterAll(async () => {
  await dockerd.stop();
  await bench[Symbol.asyncDispose]();
  await elsewhere[Symbol.asyncDispose]();
});

/** The docker CLI with the server as its daemon. */
const docker = (...args: string[]) =>
  bench.runWith({ DOCKER_HOST: `tcp://${bench.host}`, DOCKER_BUILDKIT: "0" }, "docker", ...args);
/** The same with a real daemon. */
const real = (...args: string[]) =>
  bench.runWith({ DOCKER_HOST: `unix://${dockerd.socket}` }, "docker", ...args);
const lines = (text: string) => text.trimEnd().split("\n");

test("negotiates the API version", async () => {
  const versions = await docker(
    "version",
    "--format",
    "{{.Client.APIVersion}} {{.Server.APIVersion}} {{.Server.Os}}",
  );
  expect(versions).toMatch(/^1\.\d+ 1\.47 linux\n$/);
  expect(await docker("info", "--format", "{{.Driver}} {{.OSType}}")).toBe("varve linux\n");
});

describe("docker build", () => {
  test("builds, prints the steps, and tags the image", async () => {
    const output = await docker(
      "build",
      "-t",
      "engine/app:1",
      "--build-arg",
      "WHAT=this",
      "--iidfile",
      "id",
      "context",
    );
    expect(output).toMatch(/Step 4\/5 : COPY busybox \/bin\/busybox\n ---> [0-9a-f]{12}\n/);
    expect(output).toMatch(/Successfully built [0-9a-f]{12}\nSuccessfully tagged engine\/app:1\n$/);
    const id = (await bench.run("cat", "id")).trim();
    expect(await docker("images", "-q", "--no-trunc", "engine/app")).toBe(`${id}\n`);
    expect(await docker("build", "-q", "-t", "engine/app:1", "--build-arg", "WHAT=this", "context")).toBe(
      `${id}\n`,
    );
    expect(
      await docker("inspect", "--format", "{{.Id}} {{.Config.Labels.what}} {{.Os}}", "engine/app:1"),
    ).toBe(`${id} this linux\n`);
  });

  test("reports the reason of a failure", async () => {
    await writeFile(join(bench.folder, "context", "Broken"), "FROM scratch\nCOPY none /\n");
    await expect(docker("build", "-f", "context/Broken", "context")).rejects.toThrow(/"\/none": not found/);
  });
});

describe("docker images", () => {
  test("lists, shows the history, tags and removes", async () => {
    const rows = lines(await docker("history", "--format", "{{.CreatedBy}}", "--no-trunc", "engine/app:1"));
    expect(rows).toEqual([
      'CMD ["/bin/busybox" "echo" "it runs"]',
      "COPY busybox /bin/busybox # buildkit",
      "LABEL what=this",
      "ARG WHAT=this",
    ]);
    await docker("tag", "engine/app:1", "engine/app:2");
    const listed = () => docker("images", "--format", "{{.Repository}}:{{.Tag}}", "engine/*");
    expect(lines(await listed()).sort()).toEqual(["engine/app:1", "engine/app:2"]);
    expect(await docker("rmi", "engine/app:2")).toBe("Untagged: engine/app:2\n");
    expect(lines(await listed())).toEqual(["engine/app:1"]);
    await expect(docker("rmi", "engine/none")).rejects.toThrow(/No such image: engine\/none/);
  });

  test("exchanges archives with a real docker, in both directions", async () => {
    await docker("save", "-o", "saved.tar", "engine/app:1");
    expect(await real("load", "-i", "saved.tar")).toBe("Loaded image: engine/app:1\n");
    expect(await real("run", "--rm", "engine/app:1")).toBe("it runs\n");
    await real("tag", "engine/app:1", "engine/back:3");
    await real("save", "-o", "back.tar", "engine/back:3");
    expect(await docker("load", "-i", "back.tar")).toBe("Loaded image: engine/back:3\n");
    const id = "{{.Id}}";
    expect(await docker("inspect", "--format", id, "engine/back:3")).toBe(
      await real("inspect", "--format", id, "engine/back:3"),
    );
    await real("rmi", "-f", "engine/app:1", "engine/back:3");
    expect(await real("run", "--rm", `${bench.host}/engine/back:3`)).toBe("it runs\n");
    await real("rmi", "-f", `${bench.host}/engine/back:3`);
  });

  // A deployed Worker reaches no registry of this machine.
  test.skipIf(isInLab)("pulls from another registry under its name, and pushes back there", async () => {
    const there = await elsewhere.hello({ t: "there/hello:1" });
    const name = `${elsewhere.host}/there/hello`;
    expect(await docker("pull", `${name}:1`)).toMatch(
      new RegExp(`Digest: ${there.digest}\nStatus: Downloaded newer image for ${name}:1\n`),
    );
    expect(await docker("pull", `${name}:1`)).toContain(`Status: Image is up to date for ${name}:1`);
    expect(await docker("images", "--format", "{{.Repository}}:{{.Tag}}", name)).toBe(`${name}:1\n`);
    expect((await bench.ask("there/hello/manifests/1")).status).toBe(404);
    expect(await bench.get(`there/hello/manifests/1?ns=${elsewhere.host}`)).toEqual(there.bytes);
    await docker("tag", `${name}:1`, `${name}:2`);
    const pushed = await docker("push", `${name}:2`);
    expect(pushed).toContain(`2: digest: ${there.digest} size: ${there.bytes.length}`);
    expect(await elsewhere.get("there/hello/manifests/2")).toEqual(there.bytes);
    await docker("rmi", `${name}:1`, `${name}:2`);
    expect(await docker("pull", "-a", name)).toContain(`Status: Downloaded newer image for ${name}\n`);
    expect(lines(await docker("images", "--format", "{{.Tag}}", name)).sort()).toEqual(["1", "2"]);
    await expect(docker("pull", `${name}:none`)).rejects.toThrow(/not found/);
  });

  test("a name with another registry never refers to this server", async () => {
    await docker("tag", "engine/app:1", "team/b:1");
    const own = await bench.get("team/b/manifests/1");
    await docker("build", "-t", "some.registry.example/team/b:1", "--build-arg", "WHAT=other", "context");
    await docker("tag", "some.registry.example/team/b:1", "other.registry.example:5000/team/b:1");
    expect(await bench.get("team/b/manifests/1")).toEqual(own);
    expect(
      lines(await docker("images", "--format", "{{.Repository}}", "--filter", "reference=*/team/b")),
    ).toEqual(expect.arrayContaining(["some.registry.example/team/b", "other.registry.example:5000/team/b"]));
    expect(
      await docker("inspect", "--format", "{{.Config.Labels.what}}", "some.registry.example/team/b:1"),
    ).toBe("other\n");
    // References with any host name of this server mean its own images.
    const port = bench.host.split(":")[1];
    for (const host of [bench.host, `localhost:${port}`]) {
      await docker("tag", "engine/app:1", `${host}/team/c:1`);
      expect(await docker("push", `${host}/team/c:1`)).toMatch(/1: digest: sha256:/);
      expect(await docker("rmi", `${host}/team/c:1`)).toContain("Untagged: team/c:1\n");
    }
    await docker("rmi", "team/b:1", "some.registry.example/team/b:1", "other.registry.example:5000/team/b:1");
    await expect(docker("push", "team/b:1")).rejects.toThrow(/does not exist|No such image/);
  });

  test("imports a file system", async () => {
    await bench.run("tar", "-C", "context", "-cf", "rootfs.tar", "busybox");
    const change = 'CMD ["/busybox", "echo", "imported"]';
    const id = (
      await docker("import", "-m", "from a tar", "-c", change, "rootfs.tar", "engine/imported:1")
    ).trim();
    expect(id).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(await docker("history", "--format", "{{.Comment}}", "engine/imported:1")).toBe("from a tar\n");
    const theirs = (await real("import", "-c", change, "rootfs.tar", "engine/imported:1")).trim();
    const format = "{{json .RootFS}} {{.Size}} {{json .Config.Cmd}}";
    expect(await docker("inspect", "--format", format, id)).toBe(
      await real("inspect", "--format", format, theirs),
    );
    await real("rmi", theirs);
  });
});

describe("docker rmi", () => {
  const images = async (...args: string[]) => (await docker("images", ...args)).trim();

  test("keeps other images", async () => {
    const platforms = { platform: "linux/amd64,linux/arm64", provenance: "true" };
    await bench.build({ Dockerfile: "FROM scratch\nCOPY esbuild /\n" }, { t: "demo/b:1", ...platforms });
    await docker("tag", "demo/b:1", "demo/a:1");
    const before = await bench.get("demo/a/manifests/1");
    // Platforms of an index and their attestations are not dangling.
    expect(await images("-q", "-f", "dangling=true", "demo/b")).toBe("");
    const id = await images("-q", "demo/b");
    await expect(docker("rmi", id)).rejects.toThrow(
      `conflict: unable to delete ${id} (must be forced) - image is referenced in multiple repositories`,
    );
    expect(lines(await docker("rmi", "demo/b:1"))[0]).toBe("Untagged: demo/b:1");
    expect(await bench.get("demo/a/manifests/1")).toEqual(before);
    await docker("tag", "demo/a:1", "demo/b:1");
    expect(lines(await docker("rmi", "-f", id))).toEqual(
      expect.arrayContaining(["Untagged: demo/a:1", "Untagged: demo/b:1"]),
    );
    expect(await images("-q", "demo/*")).toBe("");
  });

  test("removes only the untagged image", async () => {
    const build = (what: string) =>
      docker("build", "-q", "-t", "demo/c:1", "--build-arg", `WHAT=${what}`, "context");
    const first = (await build("first")).trim();
    await build("second");
    const dangling = await images("-q", "--no-trunc", "-f", "dangling=true", "demo/c");
    expect(dangling).toBe(first);
    expect(lines(await docker("rmi", dangling)).at(-1)).toBe(`Deleted: ${first}`);
    expect(await images("--format", "{{.Tag}}", "demo/c")).toBe("1");
  });
});

describe("compared with dockerd", () => {
  /** The fields of an answer with their types. A list has the type of its first item. */
  function form(value: unknown): unknown {
    if (Array.isArray(value)) return value.length === 0 ? [] : [form(value[0])];
    if (value === null || typeof value !== "object") return value === null ? "null" : typeof value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, form(inner)]));
  }

  /** An answer of the server and of dockerd to the same request. */
  async function both(path: string): Promise<[unknown, unknown]> {
    const curl = (...args: string[]) => bench.run("curl", "-sS", ...args).then(JSON.parse);
    return Promise.all([
      curl(`${bench.url}/v1.45${path}`),
      curl("--unix-socket", dockerd.socket, `http://docker/v1.45${path}`),
    ]);
  }

  beforeAll(async () => {
    for (const client of [docker, real]) await client("build", "-q", "-t", "compared/app:1", "context");
  });

  test.each([
    "/images/json?filters=%7B%22reference%22%3A%5B%22compared%2Fapp%22%5D%7D",
    "/images/compared/app:1/history",
  ])("%s has the same fields", async (path) => {
    const [ours, theirs] = (await both(path)) as [Record<string, unknown>[], Record<string, unknown>[]];
    const known = (rows: Record<string, unknown>[]) => rows.map((row) => Object.keys(row).sort());
    expect(known(ours)[0]).toEqual(known(theirs)[0]);
    expect(ours[0]?.RepoTags).toEqual(theirs[0]?.RepoTags);
    expect(ours[0]?.Labels).toEqual(theirs[0]?.Labels);
    const total = (rows: Record<string, unknown>[]) => rows.reduce((sum, { Size }) => sum + Number(Size), 0);
    expect(total(ours)).toBe(total(theirs));
  });

  test("inspect has the same fields, and equal values for those of the image", async () => {
    const [ours, theirs] = (await both("/images/compared/app:1/json")) as Record<string, unknown>[];
    const keys = (value: unknown) => Object.keys(value as object).sort();
    expect(keys(ours)).toEqual(keys(theirs));
    for (const key of ["RepoTags", "Architecture", "Os", "Size", "Parent", "Author", "DockerVersion"]) {
      if (key === "Parent" || key === "DockerVersion") expect(typeof ours?.[key]).toBe(typeof theirs?.[key]);
      else expect([key, ours?.[key]]).toEqual([key, theirs?.[key]]);
    }
    const config = (value: Record<string, unknown> | undefined) => value?.Config as Record<string, unknown>;
    for (const key of keys(config(theirs))) expect(config(ours)).toHaveProperty(key);
    for (const key of ["Cmd", "Labels", "User", "WorkingDir", "Entrypoint", "Volumes"])
      expect([key, config(ours)[key]]).toEqual([key, config(theirs)[key]]);
    expect(form(ours?.RootFS)).toEqual(form(theirs?.RootFS));
  });

  /** Status, type and body of an answer of the server and of dockerd. */
  async function answers(method: string, path: string) {
    const flags = ["-sS", "-X", method, "-o", "-", "-w", "\n%{http_code} %{content_type}"];
    const ask = async (...place: string[]) => {
      const text = await bench.run("curl", ...flags, ...place);
      const end = text.lastIndexOf("\n");
      return { status: text.slice(end + 1), body: JSON.parse(text.slice(0, end) || "null") as unknown };
    };
    return [
      await ask(`${bench.url}/v1.45${path}`),
      await ask("--unix-socket", dockerd.socket, `http://docker/v1.45${path}`),
    ] as const;
  }

  /** Fields that depend on the machine, and lists that are longer on one side. */
  const ignoredFields =
    /^(DriverStatus|Runtimes|SecurityOptions|Plugins|BuildCache|Containers|Data|ImagesDeleted|ContainersDeleted|CachesDeleted|Components|ArgsEscaped|Labels|RepoTags|RepoDigests)$/;

  function comparable(value: unknown): unknown {
    if (Array.isArray(value)) return value.length === 0 ? [] : [comparable(value[0])];
    if (value === null || typeof value !== "object") return value === null ? "null" : typeof value;
    const entries = Object.entries(value).filter(([key]) => !ignoredFields.test(key));
    return Object.fromEntries(entries.map(([key, inner]) => [key, comparable(inner)]));
  }

  test.each([
    ["GET", "/version"],
    ["GET", "/info"],
    ["GET", "/images/json?all=1&digests=1&shared-size=1"],
    ["GET", "/images/compared/app:1/json"],
    ["GET", "/images/compared/app:1/history"],
    ["GET", "/system/df"],
    ["GET", "/system/df?type=image"],
    ["GET", "/system/df?type=container"],
    ["POST", "/images/compared/app:1/tag?repo=compared/other&tag=1"],
    ["DELETE", "/images/compared/other:1"],
    ["POST", "/images/prune"],
    ["POST", "/build/prune"],
    ["POST", "/containers/prune"],
    ["POST", "/networks/prune"],
    ["POST", "/volumes/prune"],
  ])("%s %s has the same status, type and fields", async (method, path) => {
    const [ours, theirs] = await answers(method, path);
    expect(ours.status).toBe(theirs.status);
    expect(comparable(ours.body)).toEqual(comparable(theirs.body));
  });

  test.each([
    ["GET", "/images/none/json"],
    ["GET", "/images/none/history"],
    ["GET", "/images/json?filters=nojson"],
    ["GET", "/images/json?filters=%7B%22x%22%3A%5B%22y%22%5D%7D"],
    ["GET", "/images/json?filters=%7B%22dangling%22%3A%5B%22maybe%22%5D%7D"],
    ["GET", "/system/df?type=foo"],
    ["POST", "/images/none/tag?repo=x"],
    ["POST", "/images/compared/app:1/tag?repo=UPPER"],
    ["POST", "/images/create?fromImage=UPPER"],
    ["POST", "/images/prune?filters=%7B%22x%22%3A%5B%22y%22%5D%7D"],
    ["DELETE", "/images/none"],
  ])("%s %s is rejected with the same message", async (method, path) => {
    const [ours, theirs] = await answers(method, path);
    expect(ours).toEqual(theirs);
  });

  test("counts the steps of a build like dockerd's classic builder", async () => {
    const text = [
      "ARG VERSION=1",
      "FROM scratch AS unused",
      "LABEL unused=1",
      "FROM scratch AS base",
      "ENV A=b \\",
      "    C=$VERSION",
      "copy busybox /bin/busybox",
      "FROM base AS last",
      "ONBUILD RUN x",
      "COPY --from=base /bin/busybox /second",
      'CMD ["/second"]',
      "FROM scratch AS later",
    ];
    await writeFile(join(bench.folder, "context", "Steps"), text.join("\n"));
    const steps = async (client: typeof docker) => {
      const output = await client(
        "build",
        "--no-cache",
        "-f",
        "context/Steps",
        "--target",
        "last",
        "context",
      );
      return lines(output).filter((line) => line.startsWith("Step "));
    };
    const theirs = await steps((...args) =>
      bench.runWith({ DOCKER_HOST: `unix://${dockerd.socket}`, DOCKER_BUILDKIT: "0" }, "docker", ...args),
    );
    expect(theirs).toHaveLength(10);
    expect(await steps(docker)).toEqual(theirs);
  });

  test("rejects a push of a missing image with dockerd's message", async () => {
    const message = "An image does not exist locally with the tag: compared/none";
    for (const client of [docker, real])
      await expect(client("push", "compared/none:1")).rejects.toThrow(message);
  });

  test("prints a table of docker system df", async () => {
    expect(await docker("system", "df")).toMatch(/^TYPE .*\nImages +\d+/);
  });

  test("sizes are those of unpacked layers, and shared ones count once", async () => {
    // As with dockerd, a name without a host is an image that is known here.
    await writeFile(
      join(bench.folder, "context", "Above"),
      "FROM compared/app:1\nCOPY busybox /second\nCOPY --from=compared/app:1 /bin/busybox /third\n",
    );
    for (const client of [docker, real])
      await client("build", "-q", "-f", "context/Above", "-t", "compared/above:1", "context");
    const filters = encodeURIComponent(JSON.stringify({ reference: ["compared/above"] }));
    const [ours, theirs] = (await both(`/images/json?shared-size=1&filters=${filters}`)) as {
      Size: number;
      SharedSize: number;
    }[][];
    await expect(docker("build", "-q", "--pull", "-f", "context/Above", "context")).rejects.toThrow(
      /docker\.io/,
    );
    const { size } = await stat("/bin/busybox");
    expect([ours?.[0]?.Size, ours?.[0]?.SharedSize]).toEqual([3 * size, size]);
    expect(theirs?.[0]?.Size).toBe(3 * size);
    const [df] = (await both("/system/df")) as {
      LayersSize: number;
      Images: { Size: number; SharedSize: number }[];
    }[];
    const unique = df?.Images.reduce((sum, image) => sum + image.Size - image.SharedSize, 0) ?? 0;
    expect(df?.LayersSize).toBeGreaterThan(unique);
    expect(df?.LayersSize).toBeLessThan(df?.Images.reduce((sum, image) => sum + image.Size, 0) ?? 0);
  });

  test("filters by time like dockerd", async () => {
    for (const client of [docker, real]) {
      const rows = async (...filters: string[]) =>
        (await client("images", "-q", ...filters.flatMap((filter) => ["-f", filter]), "compared/app")).trim();
      expect(await rows("before=compared/app:1")).toBe("");
      expect(await rows("since=compared/app:1")).toBe("");
      expect(await rows("until=2099-01-01T00:00:00Z")).not.toBe("");
      expect(await rows("until=1970-01-02T00:00:00Z")).toBe("");
    }
  });
});

test("prunes, and keeps recent objects", async () => {
  expect(await docker("image", "prune", "-f")).toBe("Total reclaimed space: 0B\n");
  expect(await docker("image", "prune", "-af")).toBe("Total reclaimed space: 0B\n");
  expect(await docker("builder", "prune", "-f")).toMatch(/Total reclaimed space: /);
  expect(await docker("system", "prune", "-f")).toMatch(/Total reclaimed space: /);
  expect(await docker("images", "-q", "engine/app:1")).not.toBe("");
});

test("a build with BuildKit, docker's default, fails with both alternatives in the message", async () => {
  const env = { DOCKER_HOST: `tcp://${bench.host}`, DOCKER_BUILDKIT: "1", HOME: bench.folder };
  const building = bench.runWith(env, "docker", "build", "-t", "engine/kit", "context");
  await expect(building).rejects.toThrow(/set DOCKER_BUILDKIT=0 .* or use varve build/);
});

test("docker's library for Python lists, builds, tags and removes", async () => {
  // An artifact is not an image and has no config that a library could read.
  await bench.run(
    "oras",
    "push",
    "--plain-http",
    `${bench.host}/artifact:1`,
    "context/Dockerfile:text/plain",
  );
  const script = join(import.meta.dirname, "libraries", "docker_py.py");
  const output = await bench.run("python3", script, `tcp://${bench.host}`, "context");
  expect(JSON.parse(output)).toEqual({
    listed: true,
    built: ["python/app:1"],
    error: expect.stringContaining("not found"),
    pushed: true,
    removed: [],
    df: true,
  });
});

test("dockerode lists, builds, pushes a tagged name and removes", async () => {
  const script = join(import.meta.dirname, "libraries", "dockerode.mjs");
  const output = await bench.run("node", script, bench.host, join(bench.folder, "context"));
  expect(JSON.parse(output)).toEqual({
    listed: true,
    pushed: { Tag: "1", Digest: expect.stringMatching(/^sha256:/), Size: expect.any(Number) },
    distribution: expect.stringMatching(/^sha256:/),
    removed: expect.arrayContaining([{ Untagged: "node/app:1" }]),
  });
});

test("reports that there are no containers", async () => {
  await expect(docker("ps")).rejects.toThrow(/is not supported: this server has images and builds only/);
  await expect(docker("run", "--rm", "engine/app:1")).rejects.toThrow(/is not supported/);
});
