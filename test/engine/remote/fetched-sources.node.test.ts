import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { HttpSource } from "../../../src/engine/plan/step.ts";
import { FetchedSources } from "../../../src/engine/remote/fetched-sources.ts";
import { checkedFetch } from "../../../src/network/checked-fetch.ts";
import { memoryCache } from "../../../src/store/memory-cache.ts";
import { memoryStore } from "../../../src/store/memory-store.ts";
import { sha256 } from "../../../src/streams/sha256.ts";
import { GitSite } from "../../helpers/git-site.ts";

let site: GitSite;
let commit: string;
let world = { store: memoryStore(), cache: memoryCache() };

beforeAll(async () => {
  site = await GitSite.start((request, response) => {
    if (request.url !== "/file") return false;
    response.writeHead(request.headers["if-none-match"] === '"1"' ? 304 : 200, { etag: '"1"' });
    response.end(request.headers["if-none-match"] === '"1"' ? undefined : "content");
    return true;
  });
  commit = site.make("a.git", [{ files: { one: "1", "sub/two": "2" }, tag: "v1" }]);
});
afterAll(() => site[Symbol.asyncDispose]());
beforeEach(() => {
  world = { store: memoryStore(), cache: memoryCache() };
  site.server.requests.length = 0;
});

/** The sources of a build; a new one for each build. */
const build = () => new FetchedSources(world, { fetch: checkedFetch({ allowLoopback: true }) });
const file = (more: Partial<HttpSource> = {}): HttpSource => ({
  kind: "http",
  url: site.url("file"),
  name: "file",
  unpack: false,
  ...more,
});

describe("a download", () => {
  test("is downloaded once in a build, and validated once in the next", async () => {
    const first = build();
    expect(await first.key(file())).toBe(sha256("content"));
    const { tree, path, madeNow } = await first.open(file({ unpack: true }));
    expect({ path, madeNow }).toEqual({ path: "/file", madeNow: false });
    expect(tree.lookup("file")?.digest).toBe(sha256("content"));
    expect(site.server.requests).toHaveLength(1);
    expect(await build().key(file())).toBe(sha256("content"));
    expect(site.server.requests).toHaveLength(2);
  });

  test("with a checksum has a key without a download", async () => {
    const source = file({ checksum: sha256("content") });
    expect(await build().key(source)).toBe(sha256("content"));
    expect(site.server.requests).toHaveLength(0);
    await build().open(source);
    expect(site.server.requests).toHaveLength(1);
    await build().open(source);
    expect(site.server.requests).toHaveLength(1);
  });
});

describe("a repository", () => {
  const posts = () => site.server.requests.filter((request) => request.startsWith("POST"));

  test("is not fetched for its key", async () => {
    expect(await build().key(site.source("a.git", { ref: "v1" }))).toBe(commit);
    expect(posts()).toHaveLength(1);
    expect(await build().key(site.source("a.git", { ref: commit }))).toBe(commit);
    expect(posts()).toHaveLength(1);
  });

  test("is fetched once for a commit, by any name", async () => {
    const { tree, path, madeNow } = await build().open(site.source("a.git", { ref: commit }));
    expect({ path, madeNow }).toEqual({ path: "/", madeNow: true });
    expect([...tree.walk("")].map((node) => node.path)).toEqual(["one", "sub", "sub/two"]);
    const before = site.server.requests.length;
    await build().open(site.source("a.git", { ref: commit }));
    expect(site.server.requests).toHaveLength(before);
    const again = await build().open(site.source("a.git", { ref: "v1" }));
    expect([...again.tree.walk("")]).toHaveLength(3);
    // One for the references, none for the commit.
    expect(posts()).toHaveLength(3 - 1);
  });

  test("is fetched again when the store has lost it", async () => {
    const source = site.source("a.git", { ref: commit });
    await build().open(source);
    world = { ...world, store: memoryStore() };
    const before = posts().length;
    await build().open(source);
    expect(posts()).toHaveLength(before + 1);
  });

  test("has other files for a directory, with .git, and for other credentials", async () => {
    const all = site.source("a.git", { ref: commit });
    await build().open(all);
    expect([...(await build().open({ ...all, subdir: "sub" })).tree.walk("")]).toHaveLength(1);
    expect((await build().open({ ...all, keepGitDir: true })).tree.lookup(".git/HEAD")).toBeDefined();
    const before = posts().length;
    const fetch = checkedFetch({ allowLoopback: true });
    await new FetchedSources(world, { fetch, authorization: () => "Bearer other" }).open(all);
    expect(posts()).toHaveLength(before + 1);
  });

  test("that keeps the time of the commit has no other", async () => {
    const { madeNow } = await build().open(site.source("a.git", { commitTime: true }));
    expect(madeNow).toBe(false);
  });
});
