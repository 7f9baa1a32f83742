import { describe, expect, test } from "vitest";
import { parseRealms, RealmError, type Realms, requireRealm } from "../../src/registry/realm.ts";
import { parseChallenges } from "../../src/registry/remote/challenge.ts";

function realmOf(base: string, realm: string, { host = new URL(base).host, realms = {} as Realms } = {}) {
  const [challenge] = parseChallenges(`Bearer realm="${realm}",service="s"`);
  if (challenge === undefined) throw new Error("no challenge");
  return requireRealm(challenge, { base, host, hasCredentials: true, realms }).href;
}

describe("a realm receives credentials when it is on the registry's own site", () => {
  test.each([
    ["https://registry-1.docker.io", "https://auth.docker.io/token"],
    ["https://ghcr.io", "https://ghcr.io/token"],
    ["https://quay.io", "https://quay.io/v2/auth"],
    ["https://gcr.io", "https://gcr.io/v2/token"],
    ["https://europe-docker.pkg.dev", "https://europe-docker.pkg.dev/v2/token"],
    ["https://public.ecr.aws", "https://public.ecr.aws/token/"],
    ["https://registry.gitlab.com", "https://gitlab.com/jwt/auth"],
    ["https://team.azurecr.io", "https://team.azurecr.io/oauth2/token"],
    ["https://registry.example.co.uk", "https://auth.example.co.uk:8443/token"],
    ["https://registry.example.co.uk:5000", "https://auth.example.co.uk./token"],
    ["https://192.0.2.1:5000", "https://192.0.2.1/token"],
    ["http://localhost:5000", "http://127.0.0.1:5001/token"],
    ["http://[::1]:5000", "http://auth.localhost/token"],
    ["http://10.0.0.5:5000", "http://10.0.0.5:5001/token"],
    ["http://10.0.0.5:5000", "https://10.0.0.5/token"],
  ])("%s: %s", (base, realm) => {
    expect(realmOf(base, realm)).toBe(new URL(realm).href);
  });

  test("or on the site of the mirrored registry", () => {
    const mirror = { host: "docker.io" };
    expect(realmOf("http://10.0.0.5:5000", "https://auth.docker.io/token", mirror)).toContain(
      "auth.docker.io",
    );
    expect(() => realmOf("http://10.0.0.5:5000", "http://auth.docker.io/token", mirror)).toThrow(RealmError);
  });
});

describe("a realm receives no credentials", () => {
  test.each([
    ["of another domain", "https://registry.example.com", "https://auth.example.net/token"],
    ["below the same public suffix", "https://one.co.uk", "https://two.co.uk/token"],
    ["below the same private suffix", "https://one.github.io", "https://two.github.io/token"],
    ["whose name ends alike", "https://example.com", "https://notexample.com/token"],
    ["that has the name as a label", "https://docker.io", "https://docker.io.evil.test/token"],
    ["that has the name as a user", "https://docker.io", "https://docker.io@evil.test/token"],
    ["at another address", "https://192.0.2.1", "https://192.0.2.2/token"],
    ["on this machine", "https://registry.example.com", "https://localhost/token"],
    ["elsewhere, of a registry on this machine", "http://localhost:5000", "https://evil.test/token"],
    ["by plain http", "https://registry.example.com", "http://registry.example.com/token"],
    ["by another scheme", "https://registry.example.com", "ftp://registry.example.com/token"],
    ["without an address", "https://registry.example.com", "/token"],
  ])("%s", (_, base, realm) => {
    expect(() => realmOf(base, realm)).toThrow(RealmError);
  });

  test("and the error explains how to trust it", () => {
    expect(() => realmOf("https://registry.example.com", "https://sso.example.net/token?x")).toThrow(
      "Cannot send the password for registry.example.com to https://sso.example.net: " +
        "the token service is on another site. " +
        `If you trust it, set VARVE_REALMS='{"registry.example.com":"https://sso.example.net"}'`,
    );
  });
});

test("the user may configure a realm, which then excludes all others", () => {
  const realms = parseRealms('{"registry.example.com":"https://sso.example.net/any"}');
  const realm = (url: string) => realmOf("https://registry.example.com", url, { realms });
  expect(realm("https://sso.example.net/token")).toBe("https://sso.example.net/token");
  for (const other of ["https://sso.example.net:8443/", "http://sso.example.net/", "https://example.net/"])
    expect(() => realm(other)).toThrow(RealmError);
  expect(() => realmOf("https://other.example.org", "https://sso.example.net/token", { realms })).toThrow();
});

test("a request without credentials may go to any https realm", () => {
  const [challenge] = parseChallenges('Bearer realm="https://ghcr.io/token"');
  const options = { base: "https://images.example.com", host: "images.example.com", hasCredentials: false };
  expect(challenge && requireRealm(challenge, options).href).toBe("https://ghcr.io/token");
  const [plain] = parseChallenges('Bearer realm="http://ghcr.io/token"');
  expect(() => plain && requireRealm(plain, options)).toThrow("is not encrypted");
});

test("a user in a realm does not replace the credentials", () => {
  expect(realmOf("https://ghcr.io", "https://a:b@ghcr.io/token#c")).toBe("https://ghcr.io/token");
});

test.each(["docker.io", "[]", '{"docker.io":"127.0.0.1:5000"}'])(
  "a setting of realms is invalid: %s",
  (setting) => {
    expect(() => parseRealms(setting)).toThrow(TypeError);
  },
);
