import { describe, expect, test } from "vitest";
import { formatImageName } from "../../src/engine/export.ts";
import type { DockerImage } from "../../src/engine-api/docker-images.ts";
import { imageEntries } from "../../src/engine-api/documents.ts";
import { filterImages, parseListFilters, readTime } from "../../src/engine-api/filters.ts";

const digest = "sha256:d";
const image: DockerImage = {
  id: "sha256:i",
  created: "2020-01-01T00:00:00Z",
  labels: { a: "b", "c.d": "" },
  tags: [{ repository: "team/app", tag: "1.2", digest }],
  digests: [{ repository: "team/app", digest }],
};
const untagged = { ...image, tags: [] };
const known = ["dangling", "reference", "label"];
const isThere = (filters: object, of: DockerImage = image) =>
  filterImages([of], parseListFilters(JSON.stringify(filters), known)).length > 0;

describe("filters", () => {
  test("are read in the ways of new and of old clients", () => {
    expect(parseListFilters('{"label":["a","b"]}', known).get("label")).toEqual(["a", "b"]);
    expect(parseListFilters('{"label":{"a":true,"b":false}}', known).get("label")).toEqual(["a"]);
    expect(parseListFilters(null, known).size).toBe(0);
    expect(() => parseListFilters('{"what":["x"]}', known)).toThrow("invalid filter 'what'");
    expect(() => parseListFilters("{", known)).toThrow("invalid filter");
    expect(() => isThere({ dangling: ["maybe"] })).toThrow("invalid filter 'dangling=[maybe]'");
  });

  test("reference matches as Go's path.Match, in short and in full", () => {
    expect(isThere({ reference: ["team/app"] })).toBe(true);
    expect(isThere({ reference: ["team/*:1.?"] })).toBe(true);
    expect(isThere({ reference: ["docker.io/team/app"] })).toBe(true);
    expect(isThere({ reference: ["*"] })).toBe(false);
    expect(isThere({ reference: ["x", "team/app:1.2"] })).toBe(true);
    expect(isThere({ reference: ["team/app:1x2"] })).toBe(false);
    expect(() => isThere({ reference: ["team/[a"] })).toThrow("invalid filter 'reference=team/[a'");
  });

  test("reference hides other names of an image", () => {
    const foreign = { repository: "ghcr.io//team/app", tag: "9", digest };
    const both = { ...image, tags: [...image.tags, foreign] };
    const filters = parseListFilters('{"reference":["ghcr.io/*/*"]}', known);
    expect(filterImages([both], filters)[0]?.tags.map(formatImageName)).toEqual(["ghcr.io/team/app:9"]);
  });

  test("all labels must match, and dangling images have no tag", () => {
    expect(isThere({ label: ["a"] })).toBe(true);
    expect(isThere({ label: ["a=b", "c.d="] })).toBe(true);
    expect(isThere({ label: ["a=c"] })).toBe(false);
    expect(isThere({ label: ["toString"] })).toBe(false);
    expect(isThere({ dangling: ["true"] })).toBe(false);
    expect(isThere({ dangling: ["true"] }, untagged)).toBe(true);
    expect(isThere({ dangling: ["false"] })).toBe(true);
  });

  test("times are ages, seconds or dates", () => {
    expect(readTime("1h", 7_200_000)).toBe(3_600_000);
    expect(readTime("1577836800", 0)).toBe(Date.parse("2020-01-01T00:00:00Z"));
    expect(readTime("2020-01-01T00:00:00Z", 0)).toBe(Date.parse("2020-01-01T00:00:00Z"));
    expect(() => readTime("soon", 0)).toThrow("failed to parse value as time or duration");
    const at = Date.parse("2020-01-01T00:00:00Z");
    expect(filterImages([image], new Map(), { before: at })).toEqual([]);
    expect(filterImages([image], new Map(), { before: at + 1, since: at - 1 })).toEqual([image]);
    expect(filterImages([image], new Map(), { since: at })).toEqual([]);
  });
});

test("names of one image are in one entry, and the newest image comes first", () => {
  const tag = { repository: "z", tag: "1", digest };
  const newer = { ...image, id: "sha256:n", created: "2021-01-01T00:00:00Z", tags: [tag] };
  const sizes = new Map([["sha256:n", { size: 7, shared: 3 }]]);
  expect(imageEntries([image, newer], sizes, false)).toMatchObject([
    { Id: "sha256:n", RepoTags: ["z:1"], Created: 1609459200, Size: 7 },
    { Id: "sha256:i", RepoTags: ["team/app:1.2"], RepoDigests: ["team/app@sha256:d"] },
  ]);
  expect(imageEntries([newer], sizes, true)).toMatchObject([{ SharedSize: 3 }]);
});
