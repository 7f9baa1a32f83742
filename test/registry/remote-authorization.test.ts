import { describe, expect, test } from "vitest";
import { type Trick, wantsToken } from "./fake-registry.ts";
import { alpine, failure, HUB, layer, read, respond, setup } from "./remote-setup.ts";

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
