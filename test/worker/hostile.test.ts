import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { sha256 } from "../../src/streams/sha256.ts";
import { type ContextFiles, contextOf } from "../helpers/context-archive.ts";
import { fakeRegistry } from "../registry/fake-registry.ts";
import { testImage } from "../registry/test-image.ts";
import { utf8 } from "../streams/source.ts";
import { archive, member, pax, rawHeader, rawMember } from "../tar/archive.ts";
import { serve } from "./network.ts";
import { ask, build, builtBy, env, postBuild, problemIn, storedKeys } from "./server.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const dockerfile = member({ path: "Dockerfile" }, "FROM scratch\nCOPY . /\n");
const tar = (...members: Uint8Array[]) => archive(dockerfile, ...members);

/** Pieces as a body that is made while it is sent. */
function streamOf(pieces: Iterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = pieces[Symbol.iterator]();
  return new ReadableStream({
    pull(controller) {
      const { done, value } = iterator.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}

const gzipped = (pieces: Iterable<Uint8Array>) =>
  streamOf(pieces).pipeThrough(new CompressionStream("gzip") as TransformStream<Uint8Array, Uint8Array>);

beforeAll(async () => {
  await build({ Dockerfile: "FROM scratch\nLABEL up=1\n" }, { t: "up" });
});

// After each attack, the server responds, and every stored object has its digest.
afterEach(async () => {
  expect((await ask("/healthz")).status).toBe(200);
  expect((await ask("/v2/up/manifests/latest")).status).toBe(200);
  for (const key of await storedKeys()) {
    const [kind, ...rest] = key.split("/");
    expect(kind).not.toMatch(/spool|upload|tmp/);
    if (kind !== "blobs" && kind !== "manifests") continue;
    const bytes = await (await env.BUCKET.get(key))?.arrayBuffer();
    expect([key, sha256(new Uint8Array(bytes ?? new ArrayBuffer(0)))]).toEqual([key, rest.join(":")]);
  }
});

describe("archives", () => {
  const zeros = new Uint8Array(1 << 20);
  const cases: Record<string, [Bytes, RegExp, code?: string]> = {
    "a name that leads out": [
      tar(member({ path: "a/../../etc/passwd" }, "x")),
      /a\/\.\.\/\.\.\/etc\/passwd.*leads out/,
    ],
    "a hard link that leads out": [
      tar(member({ path: "evil", type: "hardlink", linkname: "../../etc/passwd" })),
      /evil.*leads out/,
    ],
    "a hard link to nothing": [
      tar(member({ path: "evil", type: "hardlink", linkname: "nothing" })),
      /evil.*nothing.*does not exist/,
    ],
    "a name of 5,000 bytes": [
      tar(pax({ path: "n".repeat(5000) }), member({ path: "x" })),
      /nnnn.*longer than/,
    ],
    "a part of a name that is too long": [
      tar(pax({ path: `a/${"n".repeat(300)}` }), member({ path: "x" })),
      /nnn.*longer than 255/,
    ],
    "a target of 5,000 bytes": [
      tar(pax({ linkpath: "n".repeat(5000) }), member({ path: "link", type: "symlink" })),
      /link.*longer than/,
    ],
    "600 directories deep": [
      tar(pax({ path: "d/".repeat(600) }), member({ path: "x" })),
      /d\/d\/.*more than 512 directories/,
    ],
    "a file below a file": [
      tar(member({ path: "f" }, "x"), member({ path: "f/g" }, "y")),
      /f\/g.*not a directory/,
    ],
    "a file below a link that leads nowhere and back": [
      tar(member({ path: "loop", type: "symlink", linkname: "loop" }), member({ path: "loop/f" }, "x")),
      /loop/,
    ],
    "a size that is too small": [
      tar(rawMember({ name: "lies", size: "1" }, "x".repeat(2000))),
      /header|checksum|after "lies"/,
    ],
    "a size that is too large": [
      tar(rawMember({ name: "lies", size: "77777777" }, "x")),
      /lies.*unexpected EOF|unexpected EOF.*lies/,
    ],
    "a size beyond all bounds": [
      tar(pax({ size: String(20 * 2 ** 30) }), rawMember({ name: "huge" })),
      /huge.*more than \d+ bytes/,
    ],
    "a negative size": [tar(rawMember({ name: "less", size: "-1" })), /less|size/],
    "an archive that ends in a header": [
      tar(member({ path: "x" })).slice(0, 1024 + 200) as Bytes,
      /unexpected EOF/,
    ],
    "an archive that ends in a file": [
      tar(rawHeader({ name: "half", size: "1000" })).slice(0, 1024 + 512 + 100) as Bytes,
      /half.*unexpected EOF|unexpected EOF.*half|unexpected EOF/,
    ],
    "a wrong checksum": [tar(rawHeader({ name: "sum", checksum: "000000\0 " })), /checksum/],
    "no archive at all": [utf8("<html>".repeat(200)) as Bytes, /header|checksum/],
    "a pax header of 100 MB": [
      tar(rawHeader({ name: "PaxHeaders/x", type: "x", size: (100 * 2 ** 20).toString(8) }), zeros),
      /PaxHeaders\/x/,
    ],
    "pax records that are none": [
      tar(rawMember({ name: "PaxHeaders/x", type: "x" }, "99 path=a\n")),
      /PaxHeaders|pax|record/,
    ],
    "a hundred pax headers in a row": [
      tar(...Array(100).fill(pax({ comment: "x" })), member({ path: "x" })),
      /in a row/,
    ],
    "a pax header for nothing": [tar(pax({ path: "x" })), /without a member/],
    "gzip that is cut": [
      new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2]) as Bytes,
      /gzip|unexpected/i,
    ],
    "zstd that is none": [
      new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, 0xff, 0xff, 0xff, 0xff, 0xff]) as Bytes,
      /zstd|frame/i,
    ],
  };

  test.each(Object.entries(cases))("%s", async (_, [body, message, code = "context-invalid"]) => {
    const problem = await problemIn(await postBuild(body));
    expect(problem).toMatchObject({ status: 400, code });
    expect(problem.detail).toMatch(message);
    expect(problem.detail?.length).toBeLessThan(1500);
  });

  test("a name ends at a NUL byte, as in every tar implementation", async () => {
    const named = rawMember({ name: "name\0rest" }, "x");
    const { manifest } = await builtBy(await postBuild(tar(named)));
    expect(manifest.layers).toHaveLength(1);
    const problem = await problemIn(await postBuild(tar(pax({ path: "a\0b" }), member({ path: "x" }))));
    expect(problem.code).toBe("context-invalid");
  });

  test("an absolute name is relative to the context", async () => {
    const body = archive(
      member({ path: "Dockerfile" }, "FROM scratch\nCOPY etc/passwd /copied\n"),
      rawMember({ name: "/etc/passwd" }, "of the context"),
    );
    expect((await builtBy(await postBuild(body))).manifest.layers).toHaveLength(1);
  });

  test("more than half a million entries: the error names the first entry above the limit", async () => {
    function* entries() {
      yield dockerfile;
      const block = rawHeader({ name: "f/0000000" });
      const pieces = new Uint8Array(512 * 512);
      for (let from = 0; from < 501_000; from += 512) {
        for (let i = 0; i < 512; i++) {
          block.set(utf8(String(from + i).padStart(7, "0")), 2);
          block.set(utf8("        "), 148);
          let sum = 0;
          for (const byte of block) sum += byte;
          block.set(utf8(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
          pieces.set(block, i * 512);
        }
        yield pieces.slice();
      }
    }
    const problem = await problemIn(await postBuild(gzipped(entries())));
    expect(problem).toMatchObject({ status: 400, code: "context-invalid" });
    expect(problem.detail).toMatch(/f\/04999\d\d.*more than 500000 entries/);
  }, 60_000);

  test("a gzip bomb: the error names the file that exceeds the limit", async () => {
    function* bomb() {
      yield dockerfile;
      yield rawHeader({ name: "small", size: (1 << 20).toString(8) });
      yield zeros;
      yield pax({ size: String(17 * 2 ** 30) });
      yield rawHeader({ name: "bomb" });
      for (let i = 0; i < 64; i++) yield zeros;
    }
    const problem = await problemIn(await postBuild(gzipped(bomb())));
    expect(problem).toMatchObject({ status: 400, code: "context-invalid" });
    expect(problem.detail).toMatch(/bomb/);
  });

  test("an interrupted upload", async () => {
    const before = await storedKeys("builds/");
    const broken = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(dockerfile);
        controller.enqueue(rawHeader({ name: "half", size: "10000" }));
      },
      pull(controller) {
        controller.error(new Error("gone"));
      },
    });
    await postBuild(broken).then(
      async (answer) => expect(answer.status).toBeGreaterThanOrEqual(400),
      () => {},
    );
    expect(await storedKeys("builds/")).toEqual(before);
  });
});

describe("links of the context", () => {
  test.each<[string, ContextFiles, RegExp]>([
    [
      "out of it, absolute",
      { evil: { link: "/etc/passwd" } },
      /"\/etc\/passwd": not found|"\/evil": not found/,
    ],
    ["out of it, relative", { evil: { link: "../../../etc/passwd" } }, /not found/],
    ["to itself", { evil: { link: "evil" } }, /evil/],
    ["in a circle", { evil: { link: "b" }, b: { link: "evil" } }, /evil|\bb\b/],
    [
      "in a circle of directories",
      { "d/evil": { link: "../d" }, evil: { link: "d/evil/evil/evil/nothing" } },
      /not found/,
    ],
  ])("%s: nothing can be copied through it", async (_, files, message) => {
    const Dockerfile = "FROM scratch\nCOPY evil/ /copied/\n";
    const problem = await problemIn(await postBuild({ Dockerfile, ...files }));
    expect(problem.status).toBe(400);
    expect(problem.detail).toMatch(message);
    expect(problem.errors).toMatchObject([{ line: 2 }]);
  });

  test("to itself, as the Dockerfile or the ignore file", async () => {
    for (const name of ["Dockerfile", ".dockerignore"]) {
      const files = { Dockerfile: "FROM scratch\n", [name]: { link: name } };
      const problem = await problemIn(await postBuild(files));
      expect(problem).toMatchObject({ status: 400, code: "context-invalid" });
      expect(problem.detail).toContain(`"${name}": too many levels of symbolic links`);
    }
  });

  test("to the Dockerfile: stays inside", async () => {
    const problem = await problemIn(await postBuild({ Dockerfile: { link: "/proc/self/environ" } }));
    expect(problem).toMatchObject({ status: 400, code: "dockerfile-missing" });
  });
});

describe("paths of options", () => {
  test.each(["../Dockerfile", "/etc/passwd", "a/../../b", "a\0b", ".", "", "d".repeat(4097)])(
    "the Dockerfile %j",
    async (name) => {
      const problem = await problemIn(
        await postBuild({ "x/y": "" }, name === "" ? {} : { dockerfile: name }),
      );
      expect(problem.status).toBe(400);
      expect(["dockerfile-missing", "invalid-request", "context-invalid"]).toContain(problem.code);
    },
  );
});

describe("sizes of texts", () => {
  test("a Dockerfile of 10 MB", async () => {
    const long = `FROM scratch\n# ${"x".repeat(10 * 2 ** 20)}\n`;
    const problem = await problemIn(await postBuild({ Dockerfile: long }));
    expect(problem).toMatchObject({ status: 400, code: "context-invalid" });
    expect(problem.detail).toMatch(/"Dockerfile".*bytes/);
    const form = new FormData();
    form.set("dockerfile", long);
    for (const answer of [
      await ask("/v1/builds", { method: "POST", body: form }),
      await ask("/v1/check", { method: "POST", body: long }),
    ])
      expect(await problemIn(answer)).toMatchObject({ status: 413, code: "too-large" });
  });

  test("a Dockerfile of 4 MB is built", async () => {
    const line = `# ${"x€".repeat(500)}\n`;
    const Dockerfile = `FROM scratch\n${line.repeat(Math.floor((4 * 2 ** 20 - 100) / utf8(line).length))}LABEL long=1\n`;
    expect((await build({ Dockerfile })).manifest.layers).toEqual([]);
  });

  test("a line of 3 MB is truncated in the error", async () => {
    const problem = await problemIn(
      await postBuild({ Dockerfile: `FROM scratch\nCOPY ${"x".repeat(3 * 2 ** 20)} /\n` }),
    );
    expect(problem.status).toBe(400);
    expect(JSON.stringify(problem).length).toBeLessThan(10_000);
  });

  test("an instruction of 50,000 lines is truncated in the error", async () => {
    const problem = await problemIn(
      await postBuild({ Dockerfile: `FROM scratch\nCOPPY a \\\n${"b \\\n".repeat(50_000)}/\n` }),
    );
    expect(problem.status).toBe(400);
    expect(problem.detail?.length).toBeLessThan(10_000);
  });

  test("labels of 3 MB: the image can be pulled and used as a base", async () => {
    const options = { tags: ["labels"], labels: { long: "x".repeat(3 * 2 ** 20) } };
    const answer = await ask("/v1/builds", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ dockerfile: "FROM scratch\n", options }),
    });
    const { manifest } = await builtBy(answer);
    const config = await (await ask(`/v2/labels/blobs/${manifest.config.digest}`)).json();
    expect(config).toMatchObject({ config: { Labels: options.labels } });
    expect((await build({ Dockerfile: "FROM localhost/labels\nLABEL more=1\n" })).id).not.toBe("");
  });

  test("values that double in each line", async () => {
    const lines = Array.from({ length: 40 }, () => "ENV A=$A$A");
    const problem = await problemIn(
      await postBuild({ Dockerfile: `FROM scratch\nENV A=xx\n${lines.join("\n")}` }),
    );
    expect(problem).toMatchObject({ status: 400, code: "dockerfile/plan/expansion" });
    expect(problem.errors?.[0]?.line).toBeGreaterThan(2);
  });

  test("options of 10 MB", async () => {
    const form = new FormData();
    form.set("options", `{"x":"${"x".repeat(10 * 2 ** 20)}"}`);
    expect(await problemIn(await ask("/v1/builds", { method: "POST", body: form }))).toMatchObject({
      status: 413,
    });
  });

  test("a file name in a form with an invalid encoding", async () => {
    const body = `--x\r\ncontent-disposition: form-data; name="context"; filename*=utf-8''%zz\r\n\r\na\r\n--x--\r\n`;
    const headers = { "content-type": "multipart/form-data; boundary=x" };
    const problem = await problemIn(await ask("/v1/builds", { method: "POST", body, headers }));
    expect(problem).toMatchObject({ status: 400, code: "invalid-form" });
  });
});

describe("addresses", () => {
  serve("https://redirects.example.com", ({ url }) => {
    const to = decodeURIComponent(new URL(url).search.slice(1));
    return new Response(null, { status: 302, headers: to === "" ? {} : { location: to } });
  });

  test.each([
    "http://169.254.169.254/latest/meta-data/",
    "http://[fd00:ec2::254]/",
    "http://0xa9fea9fe/",
    "http://2852039166/",
    "http://10.0.0.1/",
    "https://192.168.1.1/",
    "http://127.0.0.1:8787/v2/",
    "http://localhost/",
    "http://[::ffff:10.0.0.1]/",
    "http://metadata.google.internal/",
    "https://redirects.example.com/?http%3A%2F%2F169.254.169.254%2F",
    "https://redirects.example.com/?https%3A%2F%2Flocalhost%3A8787%2F",
    "https://redirects.example.com/?file%3A%2F%2F%2Fetc%2Fpasswd",
    "https://redirects.example.com/?%2F%3F",
    "https://redirects.example.com/",
    "http://user:password@10.0.0.1/",
  ])("ADD %s", async (url) => {
    const problem = await problemIn(await postBuild({ Dockerfile: `FROM scratch\nADD ${url} /\n` }));
    expect(problem).toMatchObject({ status: 400, code: "download-failed", errors: [{ line: 2 }] });
    expect(problem.detail).toMatch(/not on the public network|redirect|neither https nor http|only https/);
    expect(problem.title).not.toContain("password");
  });

  test.each([
    "10.0.0.1/img",
    "169.254.169.254/img",
    "127.0.0.1:5000/img",
    "[::1]:5000/img",
    "registry.internal/img",
  ])("FROM %s", async (image) => {
    for (const Dockerfile of [`FROM ${image}\n`, `FROM scratch\nCOPY --from=${image} / /\n`]) {
      const problem = await problemIn(await postBuild({ Dockerfile }));
      expect(problem.status).toBe(400);
      expect(problem.detail).toMatch(/not on the public network|invalid reference format/);
      expect(problem.errors).toHaveLength(1);
    }
  });

  test("a registry that redirects to a private address", async () => {
    serve("https://sends.example.com", ({ url }) =>
      url.includes("/blobs/") || url.includes("/manifests/")
        ? new Response(null, { status: 307, headers: { location: "http://169.254.169.254/" } })
        : new Response("{}"),
    );
    const problem = await problemIn(await postBuild({ Dockerfile: "FROM sends.example.com/img\n" }));
    expect(problem).toMatchObject({ status: 400, code: "base-unavailable" });
    expect(problem.detail).toMatch(/public network/);
  });
});

describe("base images", () => {
  test("whose layers are not archives", async () => {
    serve("https://rubbish.example.com", fakeRegistry("img", "latest", testImage(["rubbish"])));
    const problem = await problemIn(
      await postBuild({ Dockerfile: "FROM rubbish.example.com/img\nCOPY a /\n", a: "" }),
    );
    expect(problem).toMatchObject({ status: 400, code: "base-unavailable" });
    expect(problem.detail).toMatch(/sha256:[0-9a-f]{64}/);
  });

  test("whose blobs do not match their digests", async () => {
    const image = testImage(["promised"]);
    const registry = fakeRegistry("img", "latest", image, ({ url }) =>
      url.endsWith(image.blobs.at(-1)?.descriptor.digest ?? "") ? new Response("another") : undefined,
    );
    serve("https://liar.example.com", registry);
    const problem = await problemIn(
      await postBuild({ Dockerfile: "FROM liar.example.com/img\nLABEL a=b\n" }),
    );
    expect(problem).toMatchObject({ status: 400, code: "base-unavailable", errors: [{ line: 1 }] });
  });
});

test("an image name cannot lead into another repository", async () => {
  const files = contextOf({ Dockerfile: "FROM scratch\nLABEL a=b\n" });
  for (const t of ["a/../../manifests/x", "_tags", "a//b", "a/_tags/b", ".", "..", "a:../b"]) {
    expect(await problemIn(await postBuild(files, { t }))).toMatchObject({ code: "name-invalid" });
  }
});
