import { SignJWT } from "jose";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { TrustRule } from "../../../schemas/access.ts";
import { checkedFetch } from "../../../src/network/checked-fetch.ts";
import { IssuerKeys, IssuerUnavailableError } from "../../../src/worker/access/issuer-keys.ts";
import { verifyOidc } from "../../../src/worker/access/oidc.ts";
import { Issuer } from "../../helpers/issuer.ts";

let issuer: Issuer;
let rules: TrustRule[];
let now: number;
let keys: IssuerKeys;
const claims = { sub: "repo:org/app:ref:refs/heads/main", repository: "org/app", ref: "refs/heads/main" };

beforeEach(async () => {
  issuer = await Issuer.start();
  now = Date.now();
  keys = new IssuerKeys(checkedFetch({ allowLoopback: true }), () => now);
  rules = [
    ruleOf({
      name: "main",
      claims: { repository: "org/*", ref: "refs/heads/main" },
      scopes: ["push:team/*"],
    }),
  ];
});
afterEach(() => issuer[Symbol.asyncDispose]());

function ruleOf(part: Partial<TrustRule>): TrustRule {
  return {
    name: "rule",
    issuer: issuer.url,
    audience: "varve",
    claims: { sub: "**" },
    scopes: ["pull:a"],
    ...part,
  };
}

const verify = (token: string) => verifyOidc(token, rules, keys);

test("a token gets the rights of every rule that matches it", async () => {
  rules.push(
    ruleOf({ name: "org", claims: { repository: "org/app" } }),
    ruleOf({ name: "no", claims: { ref: "x" } }),
  );
  const verified = await verify(await issuer.token(claims));
  expect(verified).toMatchObject({ rules: [{ name: "main" }, { name: "org" }] });
});

test("the error for a token without a matching rule lists its claims", async () => {
  expect(await verify(await issuer.token({ ...claims, ref: "refs/heads/other" }))).toEqual({
    refused: "untrusted",
    detail: expect.stringContaining('repository "org/app", ref "refs/heads/other"'),
  });
});

test.each<[string, string, object]>([
  ["expired", "expired", { exp: Math.floor(Date.now() / 1000) - 60 }],
  ["not good yet", "unknown", { nbf: Math.floor(Date.now() / 1000) + 120 }],
  ["for another audience", "unknown", { aud: "another" }],
  ["without an audience", "unknown", { aud: [] }],
  ["good for ever", "unknown", { exp: undefined }],
])("a token that is %s is rejected", async (_, refused, part) => {
  expect(await verify(await issuer.token({ ...claims, ...part }))).toMatchObject({ refused });
});

test("no request is sent to an issuer without a rule, for any claims", async () => {
  await using other = await Issuer.start();
  expect(await verify(await other.token(claims))).toMatchObject({ refused: "unknown" });
  expect(await verify(await other.token({ ...claims, iss: issuer.url }))).toMatchObject({
    refused: "unknown",
  });
  expect(await verify(await issuer.token({ ...claims, iss: `${other.url}/` }))).toMatchObject({
    refused: "unknown",
  });
  expect(other.asked).toEqual([]);
});

test("a token without a signature, or signed with a public key, is rejected", async () => {
  const parts = [
    { alg: "none", typ: "JWT" },
    { iss: issuer.url, aud: "varve", exp: now / 1000 + 300, ...claims },
  ];
  const encoded = parts.map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"));
  expect(await verify(`${encoded.join(".")}.`)).toMatchObject({ refused: "unknown" });
  const [jwk] = issuer.publicKeys as [{ n: string; kid: string }];
  // With the public key as a shared secret.
  const forged = await new SignJWT({ iss: issuer.url, aud: "varve", ...claims })
    .setProtectedHeader({ alg: "HS256", kid: jwk.kid })
    .setExpirationTime("5m")
    .sign(new TextEncoder().encode(jwk.n));
  expect(await verify(forged)).toMatchObject({ refused: "unknown" });
  const token = await issuer.token(claims);
  expect(await verify(`${token.slice(0, -4)}AAAA`)).toMatchObject({ refused: "unknown" });
  const [header, , signature] = token.split(".");
  const changed = Buffer.from(JSON.stringify({ ...claims, iss: issuer.url, ref: "x" })).toString("base64url");
  expect(await verify(`${header}.${changed}.${signature}`)).toMatchObject({ refused: "unknown" });
});

test("tokens signed with elliptic curves are accepted", async () => {
  for (const algorithm of ["ES256", "EdDSA"]) {
    await issuer.rotate(algorithm);
    now += 60_000;
    expect(await verify(await issuer.token(claims, algorithm))).toHaveProperty("rules");
  }
});

test("keys are fetched once and cached", async () => {
  for (let i = 0; i < 5; i++) expect(await verify(await issuer.token(claims))).toHaveProperty("rules");
  await Promise.all(Array.from({ length: 5 }, async () => verify(await issuer.token(claims))));
  expect(issuer.asked).toEqual(["/.well-known/openid-configuration", "/.well-known/jwks"]);
  now += 2 * 60 * 60_000;
  await Promise.all(Array.from({ length: 5 }, async () => verify(await issuer.token(claims, "RS256"))));
  expect(issuer.asked).toHaveLength(4);
});

test("an unknown key causes a new fetch of the keys, with a limit", async () => {
  await verify(await issuer.token(claims));
  const old = await issuer.token(claims);
  await issuer.rotate();
  const token = await issuer.token(claims);
  // They have just been fetched.
  for (let i = 0; i < 50; i++) expect(await verify(token)).toMatchObject({ refused: "unknown" });
  expect(issuer.asked).toHaveLength(2);
  now += 31_000;
  for (let i = 0; i < 50; i++) expect(await verify(token)).toHaveProperty("rules");
  expect(issuer.asked).toHaveLength(4);
  // The removed key is no longer accepted.
  expect(await verify(old)).toMatchObject({ refused: "unknown" });
  expect(issuer.asked).toHaveLength(4);
});

test("while the issuer is unreachable, its keys stay valid for a day and fetches are limited", async () => {
  await verify(await issuer.token(claims));
  const token = await issuer.token({ ...claims, exp: Math.floor(now / 1000) + 10 * 24 * 3600 });
  issuer.isBroken = true;
  now += 2 * 60 * 60_000;
  for (let i = 0; i < 10; i++) expect(await verify(token)).toHaveProperty("rules");
  expect(issuer.asked).toHaveLength(3);
  now += 24 * 60 * 60_000;
  for (let i = 0; i < 10; i++) await expect(verify(token)).rejects.toThrow(IssuerUnavailableError);
  expect(issuer.asked).toHaveLength(4);
  issuer.isBroken = false;
  now += 31_000;
  expect(await verify(token)).toHaveProperty("rules");
});

test("an issuer with another name in its metadata, or with keys in a private network, is rejected", async () => {
  const answers = new Map([
    [
      "https://a.example.com",
      { issuer: "https://b.example.com", jwks_uri: `${issuer.url}/.well-known/jwks` },
    ],
    ["https://c.example.com", { issuer: "https://c.example.com", jwks_uri: "http://169.254.169.254/keys" }],
    ["https://d.example.com", { issuer: "https://d.example.com", jwks_uri: "http://127.0.0.1/keys" }],
  ]);
  const asked: string[] = [];
  const outside = checkedFetch({ allowLoopback: false }, async (url) => {
    asked.push(url as string);
    return Response.json(answers.get(new URL(url as string).origin));
  });
  for (const name of answers.keys()) {
    const token = await issuer.token({ ...claims, iss: name });
    const verified = verifyOidc(token, [ruleOf({ issuer: name })], new IssuerKeys(outside));
    await expect(verified).rejects.toThrow(IssuerUnavailableError);
  }
  expect(asked).toEqual([...answers.keys()].map((name) => `${name}/.well-known/openid-configuration`));
});
