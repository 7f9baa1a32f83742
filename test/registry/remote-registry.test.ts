import { describe, expect, test } from "vitest";
import { OCI } from "../../src/oci/media-types.ts";
import {
  type RemoteRegistriesOptions,
  remoteRegistries,
} from "../../src/registry/remote/remote-registries.ts";
import type { RemoteRegistry } from "../../src/registry/remote/remote-registry.ts";
import { chunks } from "../../src/streams/chunks.ts";
import { collect } from "../../src/streams/collect.ts";
import { FakeNetwork, fakeRegistry, type Trick, wantsToken } from "./fake-registry.ts";
import { type TestImage, testImage } from "./test-image.ts";

const HUB = "https://registry-1.docker.io";
const image = testImage();
const alpine = "library/alpine";
const [, layer] = image.blobs as [TestImage["blobs"][0], TestImage["blobs"][0]];

function setup(trick?: Trick, options: Partial<RemoteRegistriesOptions> = {}, given: TestImage = image) {
  const network = new FakeNetwork();
  network.serve(HUB, fakeRegistry("library/alpine", "latest", given, trick));
  const waits: number[] = [];
  const registries = remoteRegistries({
    policy: { allowLoopback: false },
    fetch: network.fetch,
    sleep: async (milliseconds) => void waits.push(milliseconds),
    ...options,
  });
  return { network, upstream: registries("docker.io"), registries, waits };
}

const read = async (upstream: RemoteRegistry, limit = 1e6) =>
  collect(chunks(await upstream.readBlob(alpine, layer.descriptor)), limit);
const failure = (fault: string, message: string | RegExp) =>
  expect.objectContaining({
    fault,
    message: typeof message === "string" ? message : expect.stringMatching(message),
  });
const respond =
  (status: number, headers: Record<string, string> = {}, body: string | null = null) =>
  () =>
    new Response(body, { status, headers });

describe("RemoteRegistry", () => {
  test("resolves a tag by HEAD and fetches by digest", async () => {
    const { network, upstream } = setup();
    const descriptor = await upstream.resolveManifest(alpine, "latest");
    expect(descriptor).toEqual(image.descriptor);
    expect(await upstream.readManifest(alpine, descriptor.digest)).toEqual({
      descriptor: image.descriptor,
      bytes: image.bytes,
    });
    expect(await read(upstream)).toEqual(layer.bytes);
    expect(network.log).toEqual([
      `HEAD ${HUB}/v2/library/alpine/manifests/latest`,
      `GET ${HUB}/v2/library/alpine/manifests/${image.descriptor.digest}`,
      `GET ${HUB}/v2/library/alpine/blobs/${layer.descriptor.digest}`,
    ]);
  });

  test("accepts all four types of manifest, and no content encoding", async () => {
    const { upstream } = setup((request) => {
      const accept = request.headers.get("Accept") ?? "";
      return accept.split(", ").length === 4 && request.headers.get("Accept-Encoding") === "identity"
        ? undefined
        : new Response(null, { status: 406 });
    });
    expect((await upstream.resolveManifest(alpine, "latest")).digest).toBe(image.descriptor.digest);
  });

  test("computes the digest when the registry does not state it", async () => {
    const plain: Trick = (request) =>
      new Response(request.method === "HEAD" ? null : image.bytes, {
        headers: { "Content-Type": OCI.manifest },
      });
    const { upstream } = setup(plain);
    expect(await upstream.resolveManifest(alpine, "latest")).toEqual(image.descriptor);
  });

  test("uses the operator's mirror instead, even on a private address", async () => {
    const { network, upstream } = setup(undefined, { mirrors: { "docker.io": "http://10.0.0.5:5000/hub/" } });
    network.serve("http://10.0.0.5:5000", (request) =>
      fakeRegistry("library/alpine", "latest", image)(new Request(request.url.replace("/hub", ""), request)),
    );
    expect((await upstream.resolveManifest(alpine, "latest")).digest).toBe(image.descriptor.digest);
    expect(network.log).toEqual(["HEAD http://10.0.0.5:5000/hub/v2/library/alpine/manifests/latest"]);
  });
});

describe("authorization", () => {
  const REALM = "https://auth.docker.io/token";

  test("fetches a token for pulling, uses it again and drops it before it expires", async () => {
    let now = 0;
    const { network, upstream } = setup(wantsToken(REALM, "t0k3n", "repository:library/alpine:pull,push"), {
      now: () => now,
    });
    network.serve("https://auth.docker.io", (request) => {
      expect(new URL(request.url).searchParams.get("scope")).toBe("repository:library/alpine:pull");
      expect(new URL(request.url).searchParams.get("service")).toBe("fake");
      return Response.json({ access_token: "t0k3n", expires_in: 300 });
    });
    await upstream.resolveManifest(alpine, "latest");
    await upstream.resolveManifest(alpine, "latest");
    expect(network.log.filter((line) => line.includes("/token?"))).toHaveLength(1);
    expect(network.log).toHaveLength(4);
    now = 271_000;
    await upstream.resolveManifest(alpine, "latest");
    expect(network.log.filter((line) => line.includes("/token?"))).toHaveLength(2);
  });

  test("sends the operator's credentials only to the token service", async () => {
    const { network, upstream } = setup(wantsToken(REALM, "secret"), {
      credentials: (host) => (host === "docker.io" ? { username: "ü", password: "p:w" } : undefined),
    });
    network.serve("https://auth.docker.io", (request) => {
      expect(request.headers.get("Authorization")).toBe(`Basic ${btoa("\xc3\xbc:p:w")}`);
      return Response.json({ token: "secret" });
    });
    await upstream.resolveManifest(alpine, "latest");
    expect(network.log[0]).not.toContain("credentials");
  });

  test("answers Basic with credentials only", async () => {
    const basic: Trick = (request) =>
      request.headers.get("Authorization") === `Basic ${btoa("u:p")}`
        ? undefined
        : new Response(null, { status: 401, headers: { "WWW-Authenticate": 'Basic realm="x"' } });
    await expect(setup(basic).upstream.resolveManifest(alpine, "latest")).rejects.toEqual(
      failure("UNAUTHORIZED", /pull access denied/),
    );
    const { network, upstream } = setup(basic, { credentials: () => ({ username: "u", password: "p" }) });
    await upstream.resolveManifest(alpine, "latest");
    await upstream.resolveManifest(alpine, "latest");
    expect(network.log).toHaveLength(3);
  });

  test("requests a scope that names no repository as it is, for Amazon's public registry", async () => {
    const { network, upstream } = setup(wantsToken(REALM, "t", "aws"));
    network.serve("https://auth.docker.io", (request) => {
      expect(new URL(request.url).searchParams.get("scope")).toBe("aws");
      return Response.json({ token: "t" });
    });
    await upstream.resolveManifest(alpine, "latest");
  });

  test.each<[name: string, answer: () => Response, code: string, message: RegExp]>([
    ["refuses", respond(401), "UNAUTHORIZED", /failed to fetch anonymous token.*401/],
    ["is down", respond(500), "UNAVAILABLE", /500/],
    ["gives no token", () => Response.json({}), "BAD_ANSWER", /it has no token/],
    ["gives a token with a line break", () => Response.json({ token: "a\nb" }), "BAD_ANSWER", /no token/],
    ["gives no JSON", () => new Response("<html>"), "BAD_ANSWER", /not JSON/],
    ["talks without end", () => new Response("x".repeat(300_000)), "BAD_ANSWER", /not JSON/],
  ])("reports that the token service %s", async (_, answer, code, message) => {
    const { network, upstream } = setup(wantsToken(REALM, "t"));
    network.serve("https://auth.docker.io", answer);
    await expect(upstream.resolveManifest(alpine, "latest")).rejects.toEqual(failure(code, message));
  });

  test("sends no request to a token service on a private address", async () => {
    for (const realm of [
      "http://169.254.169.254/token",
      "https://localhost/token",
      "http://auth.docker.io/token",
    ]) {
      const { network, upstream } = setup(wantsToken(realm, "t"));
      await expect(upstream.resolveManifest(alpine, "latest")).rejects.toEqual(
        failure("ADDRESS_REFUSED", /Cannot fetch/),
      );
      expect(network.log).toHaveLength(1);
    }
  });

  test("a token that the registry rejects is an error, not a loop", async () => {
    const { network, upstream } = setup(wantsToken(REALM, "good"));
    network.serve("https://auth.docker.io", () => Response.json({ token: "bad" }));
    await expect(upstream.resolveManifest(alpine, "latest")).rejects.toEqual(
      failure(
        "UNAUTHORIZED",
        "pull access denied, repository does not exist or may require authorization: " +
          "server message: invalid_token: authorization failed",
      ),
    );
    expect(network.log).toHaveLength(3);
  });
});

describe("redirects", () => {
  const CDN = "https://cdn.test";

  test("are followed without credentials, also back to the first host", async () => {
    const { network, upstream } = setup((request) => {
      const wants = wantsToken("https://auth.docker.io/token", "t")(request);
      return wants ?? respond(307, { Location: `${CDN}/a` })();
    });
    network.serve("https://auth.docker.io", () => Response.json({ token: "t" }));
    network.serve(CDN, ({ url }) =>
      url.endsWith("/a") ? respond(302, { Location: `${HUB}/v2/blob` })() : new Response("no"),
    );
    const { digest } = layer.descriptor;
    await expect(read(upstream)).rejects.toThrow();
    expect(network.log.slice(0, 5)).toEqual([
      `GET ${HUB}/v2/library/alpine/blobs/${digest}`,
      "GET https://auth.docker.io/token?service=fake&scope=repository%3Alibrary%2Falpine%3Apull",
      `GET ${HUB}/v2/library/alpine/blobs/${digest} with credentials`,
      `GET ${CDN}/a`,
      `GET ${HUB}/v2/blob`,
    ]);
  });

  test("lead to the bytes", async () => {
    const { network, upstream } = setup(respond(307, { Location: `${CDN}/signed?x=1` }));
    network.serve(CDN, () => new Response(layer.bytes));
    expect(await read(upstream)).toEqual(layer.bytes);
  });

  test.each([
    ["http://169.254.169.254/latest", /not on the public network/],
    ["http://127.0.0.1:2375/", /not on the public network/],
    ["http://cdn.test/", /only https is allowed/],
    ["file:///etc/passwd", /neither https nor http/],
    ["https://[::ffff:10.0.0.1]/", /not on the public network/],
    ["", /without a usable Location/],
  ])("do not lead to %j", async (location, message) => {
    const { network, upstream } = setup(respond(302, location === "" ? {} : { Location: location }));
    await expect(read(upstream)).rejects.toEqual(failure("ADDRESS_REFUSED", message));
    expect(network.log).toHaveLength(1);
  });

  test("are limited", async () => {
    const { network, upstream } = setup(({ url }) => respond(302, { Location: url })());
    await expect(read(upstream)).rejects.toEqual(failure("ADDRESS_REFUSED", /more than 5 redirects/));
    expect(network.log).toHaveLength(6);
  });
});

describe("failures", () => {
  test.each<[name: string, trick: Trick, code: string, message: string | RegExp]>([
    ["not found", respond(404), "MANIFEST_UNKNOWN", "docker.io/library/alpine:latest: not found"],
    [
      "forbidden",
      respond(403),
      "DENIED",
      `unexpected status from HEAD request to ${HUB}/v2/library/alpine/manifests/latest: 403 Forbidden`,
    ],
    ["teapot", respond(418), "BAD_ANSWER", /418$/],
    [
      "schema 1",
      respond(200, {
        "Content-Type": "application/vnd.docker.distribution.manifest.v1+prettyjws",
        "Content-Length": "9",
        "Docker-Content-Digest": image.descriptor.digest,
      }),
      "BAD_ANSWER",
      /no longer supported/,
    ],
    [
      "a huge manifest",
      respond(200, { "Content-Length": "5000000", "Docker-Content-Digest": image.descriptor.digest }),
      "BAD_ANSWER",
      /rejecting 5000000 byte manifest/,
    ],
  ])("%s", async (_, trick, code, message) => {
    await expect(setup(trick).upstream.resolveManifest(alpine, "latest")).rejects.toEqual(
      failure(code, message),
    );
  });

  test("a host that does not exist is reported as by Docker", async () => {
    const { registries, waits } = setup();
    await expect(registries("nosuch.example.invalid").resolveManifest("x", "latest")).rejects.toEqual(
      failure(
        "NO_HOST",
        'failed to do request: Head "https://nosuch.example.invalid/v2/x/manifests/latest": ' +
          "dial tcp: lookup nosuch.example.invalid: no such host",
      ),
    );
    expect(waits).toEqual([]);
  });

  test.each([
    [{ code: "ECONNREFUSED" }, "dial tcp registry-1.docker.io:443: connect: connection refused"],
    [{ code: "ECONNRESET" }, "connection reset by peer"],
    [{}, "the words of the runtime"],
  ])("a network error %j", async (properties, reason) => {
    const cause = Object.assign(new Error("the words of the runtime"), properties);
    const { upstream, waits } = setup(undefined, {
      fetch: async () => {
        throw new TypeError("fetch failed", { cause });
      },
    });
    await expect(upstream.readManifest(alpine, "latest")).rejects.toEqual(
      failure("NETWORK", `failed to do request: Get "${HUB}/v2/library/alpine/manifests/latest": ${reason}`),
    );
    expect(waits).toHaveLength(2);
  });

  test("include the registry's message", async () => {
    const body = JSON.stringify({
      errors: [{ code: "TOOMANYREQUESTS", message: "You have reached your pull rate limit." }],
    });
    const { upstream, waits } = setup(respond(429, { "Retry-After": "3600" }, body));
    await expect(upstream.readManifest(alpine, "latest")).rejects.toEqual(
      failure(
        "TOOMANYREQUESTS",
        /429 Too Many Requests: toomanyrequests: You have reached your pull rate limit\.$/,
      ),
    );
    expect(waits).toEqual([]);
  });

  test("retries a busy registry after the pause that it requests", async () => {
    let asked = 0;
    const { upstream, waits } = setup(() => {
      asked++;
      return asked === 1 ? respond(503, { "Retry-After": "2" })() : asked === 2 ? respond(500)() : undefined;
    });
    await upstream.resolveManifest(alpine, "latest");
    expect(waits).toEqual([2000, expect.any(Number)]);
    expect(waits[1]).toBeLessThan(2000);
  });

  test("retries a limited number of times", async () => {
    const { network, upstream } = setup(respond(502));
    await expect(upstream.resolveManifest(alpine, "latest")).rejects.toEqual(
      failure("UNAVAILABLE", /502 Bad Gateway$/),
    );
    expect(network.log).toHaveLength(3);
  });

  test("a registry that does not respond times out", async () => {
    const { upstream } = setup(undefined, {
      timeout: 20,
      fetch: (_, init) =>
        new Promise((_resolve, reject) => {
          init?.signal?.addEventListener("abort", () => reject(init.signal?.reason));
        }),
    });
    await expect(upstream.resolveManifest(alpine, "latest")).rejects.toEqual(
      failure("TIMEOUT", /no response in 0.02 s/),
    );
  });

  test("a registry that stops in the middle of a body times out", async () => {
    const { upstream } = setup(undefined, {
      idleTimeout: 20,
      fetch: async (_, init) =>
        new Response(
          new ReadableStream({
            start(controller) {
              controller.enqueue(layer.bytes.slice(0, 1));
              init?.signal?.addEventListener("abort", () => controller.error(init.signal?.reason));
            },
          }),
        ),
    });
    await expect(read(upstream)).rejects.toEqual(failure("TIMEOUT", /no bytes received for 0.02 s/));
  });
});

describe("responses are verified", () => {
  const instead =
    (body: BodyInit, headers: Record<string, string> = {}): Trick =>
    (request) =>
      request.method === "GET"
        ? new Response(body, { headers: { "Content-Type": OCI.manifest, ...headers } })
        : undefined;

  test("a manifest with another digest is rejected", async () => {
    const other = testImage(["other"]);
    const { digest } = image.descriptor;
    await expect(setup(instead(other.bytes)).upstream.readManifest(alpine, digest)).rejects.toEqual(
      failure(
        "BAD_ANSWER",
        new RegExp(`digest ${other.descriptor.digest} instead of ${image.descriptor.digest}`),
      ),
    );
    const lying = instead(other.bytes, { "Docker-Content-Digest": image.descriptor.digest });
    await expect(setup(lying).upstream.readManifest(alpine, "latest")).rejects.toEqual(
      failure("BAD_ANSWER", /instead of/),
    );
  });

  test("an endless manifest is rejected", async () => {
    const endless = instead(new Uint8Array(5 * 1024 * 1024));
    await expect(setup(endless).upstream.readManifest(alpine, "latest")).rejects.toEqual(
      failure("BAD_ANSWER", /more than 4194304 bytes/),
    );
  });

  test.each([
    ["other bytes", "tip", "ContentMismatchError"],
    ["fewer bytes", "to", "SizeMismatchError"],
    ["more bytes", "top and more", "SizeMismatchError"],
  ])("a blob of %s is rejected", async (_, body, name) => {
    const top = image.blobs[2] as TestImage["blobs"][0];
    const { upstream } = setup(instead(body));
    const bytes = await upstream.readBlob(alpine, top.descriptor);
    await expect(collect(chunks(bytes), 1e6)).rejects.toMatchObject({ name });
  });
});
