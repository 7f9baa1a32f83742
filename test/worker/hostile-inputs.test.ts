import { describe, expect, test } from "vitest";
import { type ContextFiles, contextOf } from "../helpers/context-archive.ts";
import { utf8 } from "../streams/source.ts";
import { ask, build, builtBy, postBuild, problemIn } from "./server.ts";
import { expectUnharmedServer } from "./unharmed-server.ts";

expectUnharmedServer();

describe("a link of the context", () => {
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

  test("to itself is rejected as the Dockerfile and as the ignore file", async () => {
    for (const name of ["Dockerfile", ".dockerignore"]) {
      const files = { Dockerfile: "FROM scratch\n", [name]: { link: name } };
      const problem = await problemIn(await postBuild(files));
      expect(problem).toMatchObject({ status: 400, code: "context-invalid" });
      expect(problem.detail).toContain(`"${name}": too many levels of symbolic links`);
    }
  });

  test("out of it is not read as the Dockerfile", async () => {
    const problem = await problemIn(await postBuild({ Dockerfile: { link: "/proc/self/environ" } }));
    expect(problem).toMatchObject({ status: 400, code: "dockerfile-missing" });
  });
});

describe("paths of options", () => {
  test.each(["../Dockerfile", "/etc/passwd", "a/../../b", "a\0b", ".", "", "d".repeat(4097)])(
    "rejects the Dockerfile path %j",
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
  test("a Dockerfile of 10 MB is rejected", async () => {
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

  test("an image with labels of 3 MB can be pulled and used as a base", async () => {
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

  test("values that double in each line are rejected before they are large", async () => {
    const lines = Array.from({ length: 40 }, () => "ENV A=$A$A");
    const problem = await problemIn(
      await postBuild({ Dockerfile: `FROM scratch\nENV A=xx\n${lines.join("\n")}` }),
    );
    expect(problem).toMatchObject({ status: 400, code: "dockerfile/plan/expansion" });
    expect(problem.errors?.[0]?.line).toBeGreaterThan(2);
  });

  test("options of 10 MB are rejected", async () => {
    const form = new FormData();
    form.set("options", `{"x":"${"x".repeat(10 * 2 ** 20)}"}`);
    expect(await problemIn(await ask("/v1/builds", { method: "POST", body: form }))).toMatchObject({
      status: 413,
    });
  });

  test("a form with a file name in an invalid encoding is rejected", async () => {
    const body = `--x\r\ncontent-disposition: form-data; name="context"; filename*=utf-8''%zz\r\n\r\na\r\n--x--\r\n`;
    const headers = { "content-type": "multipart/form-data; boundary=x" };
    const problem = await problemIn(await ask("/v1/builds", { method: "POST", body, headers }));
    expect(problem).toMatchObject({ status: 400, code: "invalid-form" });
  });
});

test("an image name cannot lead into another repository", async () => {
  const files = contextOf({ Dockerfile: "FROM scratch\nLABEL a=b\n" });
  for (const t of ["a/../../manifests/x", "_tags", "a//b", "a/_tags/b", ".", "..", "a:../b"]) {
    expect(await problemIn(await postBuild(files, { t }))).toMatchObject({ code: "name-invalid" });
  }
});
