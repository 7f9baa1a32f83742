import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RegistryError } from "../../src/registry/errors.ts";
import { parseRegistryRequest, type RegistryRequest } from "../../src/registry/server/request.ts";
import { sha256 } from "../../src/streams/sha256.ts";

const digest = sha256("content");
const parse = (method: string, path: string) =>
  parseRegistryRequest(method, new URL(path, "http://registry.test"));

describe("parseRegistryRequest()", () => {
  test.each<[method: string, path: string, asked: RegistryRequest | undefined]>([
    ["GET", "/v2/", { kind: "base" }],
    ["GET", "/v2", { kind: "base" }],
    ["GET", `/v2/a/blobs/${digest}`, { kind: "blob", action: "get", name: "a", digest }],
    ["HEAD", `/v2/a/b/c/blobs/${digest}`, { kind: "blob", action: "head", name: "a/b/c", digest }],
    ["GET", `/v2/a/blobs/${encodeURIComponent(digest)}`, { kind: "blob", action: "get", name: "a", digest }],
    ["GET", "/v2/a/manifests/v1.0", { kind: "manifest", action: "get", name: "a", reference: "v1.0" }],
    [
      "PUT",
      `/v2/a/b/manifests/${digest}`,
      { kind: "manifest", action: "put", name: "a/b", reference: digest },
    ],
    [
      "GET",
      "/v2/manifests/manifests/manifests",
      { kind: "manifest", action: "get", name: "manifests", reference: "manifests" },
    ],
    ["GET", "/v2/a/tags/list/tags/list", { kind: "tags", name: "a/tags/list", page: {} }],
    ["GET", "/v2/a/tags/list?n=5&last=x", { kind: "tags", name: "a", page: { n: 5, last: "x" } }],
    ["POST", "/v2/a/blobs/uploads/", { kind: "start-upload", name: "a" }],
    ["POST", "/v2/a/blobs/uploads", { kind: "start-upload", name: "a" }],
    ["POST", `/v2/a/blobs/uploads/?digest=${digest}`, { kind: "start-upload", name: "a", digest }],
    ["POST", "/v2/a/blobs/uploads/?digest-algorithm=sha512", { kind: "start-upload", name: "a" }],
    [
      "POST",
      `/v2/a/blobs/uploads/?mount=${digest}&from=b/c`,
      { kind: "mount", name: "a", digest, from: "b/c" },
    ],
    ["POST", `/v2/a/blobs/uploads/?from=b&mount=${digest}`, { kind: "mount", name: "a", digest, from: "b" }],
    ["POST", `/v2/a/blobs/uploads/?mount=${digest}`, { kind: "mount", name: "a", digest }],
    ["POST", `/v2/a/blobs/uploads/?mount=${digest}&from=`, { kind: "mount", name: "a", digest }],
    ["GET", "/v2/a/blobs/uploads/id", { kind: "upload", action: "get", name: "a", id: "id" }],
    ["DELETE", "/v2/a/blobs/uploads/id", { kind: "upload", action: "delete", name: "a", id: "id" }],
    [
      "PUT",
      `/v2/a/blobs/uploads/id?_state=x&digest=${encodeURIComponent(digest)}`,
      { kind: "finish-upload", name: "a", id: "id", digest },
    ],
    [
      "PUT",
      `/v2/a/manifests/${digest}?tag=1&tag=b&tag=1`,
      { kind: "manifest", action: "put", name: "a", reference: digest, tags: ["1", "b"] },
    ],
    ["PUT", "/v2/a/manifests/x?tag=1", { kind: "manifest", action: "put", name: "a", reference: "x" }],
    [
      "GET",
      `/v2/a/manifests/${digest}?tag=1`,
      { kind: "manifest", action: "get", name: "a", reference: digest },
    ],
    ["DELETE", "/v2/a/manifests/x", { kind: "manifest", action: "delete", name: "a", reference: "x" }],
    ["DELETE", `/v2/a/blobs/${digest}`, { kind: "blob", action: "delete", name: "a", digest }],
    [
      "GET",
      `/v2/a/referrers/${digest}?last=${digest}`,
      { kind: "referrers", name: "a", digest, last: digest },
    ],
    ["PATCH", "/v2/a/b/blobs/uploads/id-1", { kind: "upload", action: "patch", name: "a/b", id: "id-1" }],
    [
      "GET",
      `/v2/a/blobs/uploads/blobs/${digest}`,
      { kind: "blob", action: "get", name: "a/blobs/uploads", digest },
    ],
    [
      "GET",
      `/v2/a/referrers/${digest}?artifactType=x`,
      { kind: "referrers", name: "a", digest, artifactType: "x" },
    ],
    ["GET", "/v2/_catalog?n=1", { kind: "catalog", page: { n: 1 } }],
    ["GET", "/v1/a", undefined],
    ["GET", "/v2/a", undefined],
    ["GET", "/v2/a/other/x", undefined],
    ["GET", "/v2/a/tags/other", undefined],
  ])("%s %s", (method, path, asked) => {
    expect(parse(method, path)).toEqual(asked);
  });

  test.each([
    ["GET", "/v2/UPPER/manifests/x", "NAME_INVALID"],
    ["GET", "/v2//manifests/x", "NAME_INVALID"],
    ["GET", `/v2/${"a".repeat(300)}/manifests/x`, "NAME_INVALID"],
    ["GET", "/v2/%ff/manifests/x", "NAME_INVALID"],
    ["GET", "/v2/a/blobs/sha256:12", "DIGEST_INVALID"],
    ["GET", "/v2/a/manifests/sha256:12", "DIGEST_INVALID"],
    ["GET", "/v2/a/manifests/-x", "MANIFEST_UNKNOWN"],
    ["PUT", "/v2/a/manifests/-x", "MANIFEST_INVALID"],
    ["POST", "/v2/a/manifests/x", "UNSUPPORTED"],
    ["PUT", `/v2/a/blobs/${digest}`, "UNSUPPORTED"],
    ["GET", "/v2/a/tags/list?n=x", "SIZE_INVALID"],
    ["GET", `/v2/_catalog?last=${"x".repeat(256)}`, "SIZE_INVALID"],
    ["POST", "/v2/a/blobs/uploads/?digest=x", "DIGEST_INVALID"],
    ["POST", "/v2/a/blobs/uploads/?mount=sha256:x&from=b", "DIGEST_INVALID"],
    ["POST", "/v2/a/blobs/uploads/?digest-algorithm=md5", "DIGEST_INVALID"],
    ["PUT", "/v2/a/blobs/uploads/id", "DIGEST_INVALID"],
    ["PUT", `/v2/a/blobs/uploads/id?digest=${digest.toUpperCase()}`, "DIGEST_INVALID"],
    ["POST", "/v2/a/blobs/uploads/id", "UNSUPPORTED"],
    ["GET", "/v2/a/blobs/uploads/", "UNSUPPORTED"],
    ["PUT", `/v2/a/manifests/${digest}?tag=-`, "MANIFEST_INVALID"],
    [
      "PUT",
      `/v2/a/manifests/${digest}?${Array.from({ length: 101 }, (_, i) => `tag=${i}`).join("&")}`,
      "MANIFEST_INVALID",
    ],
    ["GET", "/v2/a/referrers/latest", "DIGEST_INVALID"],
    ["POST", `/v2/a/referrers/${digest}`, "UNSUPPORTED"],
    ["DELETE", "/v2/_catalog", "UNSUPPORTED"],
    ["POST", "/v2/", "UNSUPPORTED"],
  ])("%s %s: %s", (method, path, code) => {
    expect(() => parse(method, path)).toThrow(expect.objectContaining({ code }));
  });

  test("any path and query is parsed, unknown or rejected with a code", () => {
    const words = ["v2", "a", "blobs", "uploads", "manifests", "tags", "list", "referrers", "_catalog"];
    const part = fc.oneof(fc.constantFrom(...words, "", "..", "%2f", "%00", digest, "é"), fc.string());
    const key = fc.constantFrom("n", "last", "digest", "mount", "from", "tag", "artifactType");
    const query = fc.array(fc.tuple(key, fc.oneof(part, fc.constant(digest))));
    const method = fc.constantFrom("GET", "PUT", "POST", "HEAD", "PATCH", "DELETE", "BREW");
    fc.assert(
      fc.property(fc.array(part), query, method, (parts, pairs, verb) => {
        const path = `/v2/${parts.map((text) => text.replace(/[?#]/g, "")).join("/")}`;
        try {
          const asked = parse(verb, `${path}?${new URLSearchParams(pairs)}`);
          if (asked !== undefined && "name" in asked) expect(asked.name).toMatch(/^[a-z0-9._/-]+$/);
          if (asked !== undefined && "digest" in asked && asked.digest) expect(asked.digest).toBe(digest);
        } catch (error) {
          if (!(error instanceof RegistryError)) throw error;
        }
      }),
      { numRuns: 1000 },
    );
  });
});
