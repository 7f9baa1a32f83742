import { describe, expect, test } from "vitest";
import { imageEntries } from "../../src/engine-api/documents.ts";
import { passes, readFilters } from "../../src/engine-api/filters.ts";

const image = {
  name: "team/app",
  tag: "1.2",
  digest: "sha256:d",
  mediaType: "",
  size: 5,
  platforms: [],
  labels: { a: "b", "c.d": "" },
  imageId: "sha256:i",
  created: "2020-01-01T00:00:00Z",
};
const known = ["dangling", "reference", "label"];
const isThere = (filters: object, of: object = {}) =>
  passes({ ...image, ...of }, readFilters(JSON.stringify(filters), known));

describe("filters", () => {
  test("are read in the ways of new and of old clients", () => {
    expect(readFilters('{"label":["a","b"]}', known).get("label")).toEqual(["a", "b"]);
    expect(readFilters('{"label":{"a":true,"b":false}}', known).get("label")).toEqual(["a"]);
    expect(readFilters(null, known).size).toBe(0);
    expect(() => readFilters('{"what":["x"]}', known)).toThrow("invalid filter 'what'");
    expect(() => readFilters("{", known)).toThrow("The filters are not JSON");
  });

  test("reference matches as Go's path.Match", () => {
    expect(isThere({ reference: ["team/app"] })).toBe(true);
    expect(isThere({ reference: ["team/*:1.?"] })).toBe(true);
    expect(isThere({ reference: ["*"] })).toBe(false);
    expect(isThere({ reference: ["x", "team/app:1.2"] })).toBe(true);
    expect(isThere({ reference: ["team/app:1x2"] })).toBe(false);
  });

  test("labels must all be there, dangling is without a tag", () => {
    expect(isThere({ label: ["a"] })).toBe(true);
    expect(isThere({ label: ["a=b", "c.d="] })).toBe(true);
    expect(isThere({ label: ["a=c"] })).toBe(false);
    expect(isThere({ label: ["toString"] })).toBe(false);
    expect(isThere({ dangling: ["true"] })).toBe(false);
    expect(isThere({ dangling: ["true"] }, { tag: undefined })).toBe(true);
    expect(isThere({ dangling: ["false"] }, { tag: undefined })).toBe(false);
  });
});

test("names of one image are in one entry, and the newest image comes first", () => {
  const newer = { ...image, name: "z", imageId: "sha256:n", created: "2021-01-01T00:00:00Z" };
  expect(imageEntries([image, { ...image, tag: "2" }, newer])).toMatchObject([
    { Id: "sha256:n", RepoTags: ["z:1.2"], Created: 1609459200 },
    { Id: "sha256:i", RepoTags: ["team/app:1.2", "team/app:2"], RepoDigests: ["team/app@sha256:d"] },
  ]);
});
