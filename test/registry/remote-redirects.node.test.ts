import { describe, expect, test } from "vitest";
import { followRedirects } from "../../src/network/follow-redirects.ts";
import { Authorizer } from "../../src/registry/remote/authorizer.ts";
import { serveLoopback } from "../helpers/loopback.ts";

const fetch = followRedirects(globalThis.fetch);

describe("credentials stay at their origin", () => {
  test("when a token service redirects a refresh token", async () => {
    await using elsewhere = await serveLoopback((_, response) => response.end('{"token":"t"}'));
    for (const status of [307, 308]) {
      await using registry = await serveLoopback((request, response) => {
        if (request.method === "POST")
          return response.writeHead(status, { location: `${elsewhere.origin}/token` }).end();
        response.writeHead(401, { "www-authenticate": `Bearer realm="${registry.origin}/token"` }).end();
      });
      const { origin: base } = registry;
      const authorizer = new Authorizer(fetch);
      const credentials = { username: "", password: "", identityToken: "refresh" };
      const asked = await fetch(`${base}/v2/`);
      const answer = authorizer.answerChallenge(asked, { host: "x", base, repository: "a" }, credentials);
      await expect(answer).rejects.toThrow(`from POST request to ${base}/token`);
      expect(registry.requests).toEqual(["GET /v2/", expect.stringMatching("^POST /token")]);
      expect(elsewhere.requests).toEqual([]);
    }
  });

  test("when a registry redirects to one that requests them", async () => {
    await using elsewhere = await serveLoopback((_, response) =>
      response.writeHead(401, { "www-authenticate": 'Basic realm="x"' }).end(),
    );
    await using registry = await serveLoopback((_, response) =>
      response.writeHead(307, { location: `${elsewhere.origin}/v2/` }).end(),
    );
    const authorizer = new Authorizer(fetch);
    const asked = await fetch(`${registry.origin}/v2/`);
    const credentials = { username: "u", password: "p" };
    const place = { host: "x", base: registry.origin, repository: "a" };
    expect(await authorizer.answerChallenge(asked, place, credentials)).toBeUndefined();
  });
});
