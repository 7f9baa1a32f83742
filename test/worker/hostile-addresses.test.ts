import { describe, expect, test } from "vitest";
import { fakeRegistry } from "../registry/fake-registry.ts";
import { testImage } from "../registry/test-image.ts";
import { serve } from "./network.ts";
import { postBuild, problemIn } from "./server.ts";
import { expectUnharmedServer } from "./unharmed-server.ts";

expectUnharmedServer();

describe("outside the public network", () => {
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
  ])("ADD %s is rejected", async (url) => {
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
  ])("FROM %s is rejected", async (image) => {
    for (const Dockerfile of [`FROM ${image}\n`, `FROM scratch\nCOPY --from=${image} / /\n`]) {
      const problem = await problemIn(await postBuild({ Dockerfile }));
      expect(problem.status).toBe(400);
      expect(problem.detail).toMatch(/not on the public network|invalid reference format/);
      expect(problem.errors).toHaveLength(1);
    }
  });

  test("a registry may not redirect to a private address", async () => {
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

describe("a base image is rejected", () => {
  test("when its layers are not archives", async () => {
    serve("https://rubbish.example.com", fakeRegistry("img", "latest", testImage(["rubbish"])));
    const problem = await problemIn(
      await postBuild({ Dockerfile: "FROM rubbish.example.com/img\nCOPY a /\n", a: "" }),
    );
    expect(problem).toMatchObject({ status: 400, code: "base-unavailable" });
    expect(problem.detail).toMatch(/sha256:[0-9a-f]{64}/);
  });

  test("when its blobs do not match their digests", async () => {
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
