import { describe, expect, test } from "vitest";
import { parseReference } from "../../src/oci/reference.ts";
import {
  displayRepository,
  distributionPath,
  isRepository,
  readRepository,
  repositoryOf,
  splitForeignName,
} from "../../src/registry/names.ts";

const own = "127.0.0.1:8787";

describe("repositoryOf()", () => {
  test("a host in capital letters gives no repository of this server", () => {
    expect(isRepository(repositoryOf(parseReference("PY/app"), own))).toBe(false);
  });

  test.each([
    ["team/app", "team/app", "team/app"],
    ["alpine", "alpine", "alpine"],
    ["docker.io/library/alpine", "alpine", "alpine"],
    ["127.0.0.1:8787/team/app", "team/app", "team/app"],
    ["localhost:8787/team/app", "team/app", "team/app"],
    ["localhost/team/app", "team/app", "team/app"],
    ["some.registry.example/team/b", "some.registry.example//team/b", "some.registry.example/team/b"],
    ["127.0.0.1:5000/base/busybox", "127.0.0.1:5000//base/busybox", "127.0.0.1:5000/base/busybox"],
    ["GHCR.io/team/app", "ghcr.io//team/app", "ghcr.io/team/app"],
    ["[::1]:5000/app", "[::1]:5000//app", "[::1]:5000/app"],
    ["127.0.0.1:8787/ghcr.io/team/app", "ghcr.io/team/app", "localhost/ghcr.io/team/app"],
  ])("%s", (text, repository, shown) => {
    expect(repositoryOf(parseReference(text), own)).toBe(repository);
    expect(displayRepository(repository)).toBe(shown);
    expect(isRepository(repository)).toBe(true);
    expect(readRepository(shown)).toBe(repository);
    expect(readRepository(shown, own)).toBe(repository);
  });
});

test.each([
  "//a",
  "a//",
  "ghcr.io//",
  "ghcr.io//UP",
  "a b//c",
  "localhost//a",
  "docker.io//a",
  "ghcr.io//a//b",
  "../x",
])("%j is no repository", (text) => expect(isRepository(text)).toBe(false));

test("splitForeignName() splits a name of another registry", () => {
  expect(splitForeignName("ghcr.io//team/app")).toEqual({ host: "ghcr.io", path: "team/app" });
  expect(splitForeignName("ghcr.io/team/app")).toBeUndefined();
});

test.each([
  ["team/app", "manifests/1", "/v2/team/app/manifests/1"],
  ["ghcr.io//team/app", "manifests/1", "/v2/team/app/manifests/1?ns=ghcr.io"],
  ["[::1]:5000//app", "tags/list?n=1", "/v2/app/tags/list?n=1&ns=%5B%3A%3A1%5D%3A5000"],
])("distributionPath() of %s", (repository, resource, path) => {
  expect(distributionPath(repository, resource)).toBe(path);
});
