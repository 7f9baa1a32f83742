import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RegistryError } from "../../src/registry/errors.ts";
import { parseRegistryRequest, type RegistryRequest } from "../../src/registry/request.ts";
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
  ])("%s %s: %s", (method, path, code) => {
    expect(() => parse(method, path)).toThrow(expect.objectContaining({ code }));
  });

  test("any path is read, unknown or refused with a code", () => {
    const part = fc.constantFrom(
      "v2",
      "a",
      "blobs",
      "uploads",
      "manifests",
      "tags",
      "list",
      "",
      "..",
      "%2f",
      digest,
      "é",
    );
    fc.assert(
      fc.property(fc.array(part), fc.constantFrom("GET", "PUT", "POST", "HEAD"), (parts, method) => {
        try {
          parse(method, `http://registry.test/${parts.join("/")}`);
        } catch (error) {
          expect(error).toBeInstanceOf(RegistryError);
        }
      }),
    );
  });
});
