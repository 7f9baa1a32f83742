import { describe, expect, test } from "vitest";
import { OCI } from "../../src/oci/media-types.ts";
import { chunks } from "../../src/streams/chunks.ts";
import { collect } from "../../src/streams/collect.ts";
import { fakeRegistry, type Trick } from "./fake-registry.ts";
import { alpine, failure, HUB, image, layer, read, respond, setup } from "./remote-setup.ts";
import { type TestImage, testImage } from "./test-image.ts";

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
