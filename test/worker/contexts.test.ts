import { describe, expect, test } from "vitest";
import type { ContextState, ListingHead } from "../../schemas/contexts.ts";
import { type MadePack, makePacks } from "../../src/client/make-packs.ts";
import { gzipMember, zstdFrame } from "../../src/compression/members.ts";
import { listingDigest } from "../../src/context/listing.ts";
import { encodePack } from "../../src/context/pack.ts";
import { encodeItem, type ListingItem } from "../../src/context/posted-listing.ts";
import { ContextScope } from "../../src/context/scope.ts";
import { contextKey, readContextPacks } from "../../src/context/store.ts";
import { formatListingLine } from "../../src/rootfs/listing-line.ts";
import { concat } from "../../src/streams/concat.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { storeOf } from "../../src/worker/store.ts";
import { contextOf } from "../helpers/context-archive.ts";
import { dir, nodeOf, type TreeEntry, tree } from "../helpers/tree.ts";
import { ask, build, builtBy, env, postBuild, problemIn, storedKeys, textOf } from "./server.ts";

const encoder = new TextEncoder();
const dockerfile = "FROM scratch\nCOPY . /\n";

type Entries = Record<string, TreeEntry>;
const project: Entries = {
  Dockerfile: dockerfile,
  "src/a": "contents of a",
  "src/b": "contents of b",
  empty: "",
};
const items = (entries: Entries): ListingItem[] => [...tree(entries).walk("")];

function post(scope: string, listing: Iterable<ListingItem | string>, head?: ListingHead): Promise<Response> {
  const lines = [...listing].map((item) => (typeof item === "string" ? item : encodeItem(item)));
  const body = [...(head === undefined ? [] : [JSON.stringify(head)]), ...lines]
    .map((line) => `${line}\n`)
    .join("");
  return ask(`/v1/contexts?scope=${scope}`, { method: "POST", body });
}

async function state(answer: Promise<Response>): Promise<ContextState> {
  const response = await answer;
  if (response.status !== 200) throw new Error(await response.text());
  return response.json();
}

async function packOf(...texts: string[]): Promise<MadePack> {
  const files = texts.map((text, i) => ({
    path: `${i}`,
    digest: sha256(text),
    size: text.length,
    read: () => encoder.encode(text),
  }));
  for await (const pack of makePacks(files, async (data) => zstdFrame(data, 1))) return pack;
  throw new Error("no pack");
}

const put = (scope: string, digest: string, bytes: Uint8Array) =>
  ask(`/v1/packs/${digest}?scope=${scope}`, { method: "PUT", body: bytes as Uint8Array<ArrayBuffer> });

const hasPack = async (scope: string, digest: string) =>
  (await ask(`/v1/packs/${digest}?scope=${scope}`, { method: "HEAD" })).status === 200;

/** Sends a complete context. */
async function send(scope: string, entries: Entries): Promise<string> {
  const texts = Object.values(entries).filter(
    (entry) => typeof entry === "string" && entry !== "",
  ) as string[];
  const pack = await packOf(...new Set(texts));
  expect((await put(scope, pack.digest, pack.bytes)).status).toBe(201);
  const { digest, missing } = await state(post(scope, items(entries), { packs: [pack.digest] }));
  expect(missing).toEqual([]);
  return digest;
}

describe("a listing", () => {
  test("returns the missing files, and then none", async () => {
    const { digest, missing } = await state(post("first", items(project)));
    expect(digest).toBe(listingDigest(tree(project)));
    expect(missing).toEqual([dockerfile, "contents of a", "contents of b"].map(sha256));
    expect((await ask(`/v1/contexts/${digest}?scope=first`)).status).toBe(404);

    const pack = await packOf(dockerfile, "contents of a", "contents of b");
    expect((await put("first", pack.digest, pack.bytes)).status).toBe(201);
    expect(await state(post("first", [], { base: digest, packs: [pack.digest] }))).toEqual({
      digest,
      missing: [],
    });
    expect((await ask(`/v1/contexts/${digest}?scope=first`, { method: "HEAD" })).status).toBe(200);
  });

  test("returns thousands of missing files", async () => {
    const names = Array.from({ length: 10_000 }, (_, number) => String(number).padStart(5, "0"));
    const lines = names.map((name) => encodeItem(nodeOf(name, name)));
    const response = await post("many", lines);
    expect(response.headers.get("content-type")).toBe("application/json");
    const { digest, missing } = (await response.json()) as ContextState;
    expect(missing).toEqual(names.map(sha256));
    const pack = await packOf(...names.slice(0, 4));
    await put("many", pack.digest, pack.bytes);
    const rest = await state(post("many", [], { base: digest, packs: [pack.digest] }));
    expect(rest).toEqual({ digest, missing: missing.slice(4) });
  });

  test("can be read, and its bytes have its digest", async () => {
    const digest = await send("read", project);
    const text = await textOf(await ask(`/v1/contexts/${digest}?scope=read`));
    expect(text).toBe([...tree(project).walk("")].map((node) => `${formatListingLine(node)}\n`).join(""));
    expect(sha256(text)).toBe(digest);
  });

  test("gives the same image as a tar", async () => {
    const files = {
      Dockerfile: dockerfile,
      "src/": "",
      "src/a": "contents of a",
      "src/b": "contents of b",
      empty: "",
    };
    const byTar = await builtBy(await postBuild(contextOf(files), { t: "tarred" }));
    const context = await send("listed", project);
    const byListing = await builtBy(
      await ask("/v1/builds?t=listed", {
        method: "POST",
        body: JSON.stringify({ context }),
        headers: { "content-type": "application/json" },
      }),
    );
    expect(byListing.digest).toBe(byTar.digest);
  });

  test.each([
    ["gzip", (bytes: Uint8Array) => gzipMember(bytes, 6)],
    ["zstd", (bytes: Uint8Array) => zstdFrame(bytes, 3)],
  ])("can be compressed with %s", async (_, compress) => {
    const lines = items({ a: "" }).map((item) => `${encodeItem(item)}\n`);
    const body = compress(encoder.encode(lines.join(""))) as Uint8Array<ArrayBuffer>;
    const { digest } = await state(ask("/v1/contexts?scope=compressed", { method: "POST", body }));
    expect(digest).toBe(listingDigest(tree({ a: "" })));
  });

  test("can contain only the differences from a stored listing", async () => {
    const base = await send("changed", project);
    const changed = { Dockerfile: dockerfile, "src/a": "another a", "src/c": "contents of b" };
    const changes = [
      { path: "empty", removed: true as const },
      nodeOf("src/a", "another a"),
      { path: "src/b", removed: true as const },
      nodeOf("src/c", "contents of b"),
    ];
    const expected = listingDigest(tree(changed));
    expect(await state(post("changed", changes, { base }))).toEqual({
      digest: expected,
      missing: [sha256("another a")],
    });
    const pack = await packOf("another a");
    await put("changed", pack.digest, pack.bytes);
    expect(await state(post("changed", changes, { base, packs: [pack.digest] }))).toEqual({
      digest: expected,
      missing: [],
    });
    // The first one still exists, although the last one lacks some of its files.
    expect(await state(post("changed", items(project)))).toEqual({ digest: base, missing: [] });
  });
});

describe("an invalid listing", () => {
  test.each<[string, (ListingItem | string)[], string]>([
    ["that is none", ["x"], 'entry "x": it is not JSON'],
    ["that leads out", [JSON.stringify(["../a", "dir", 493, 0, 0, 0, ""])], "leads out of the root"],
    ["out of order", [nodeOf("b", dir()), nodeOf("a", dir())], 'entry "a": it comes after "b"'],
    ["with a name twice", [nodeOf("a", dir()), nodeOf("a", dir())], 'entry "a": it comes after "a"'],
    ["below nothing", [nodeOf("a/b", dir())], 'entry "a/b": its directory is not in the listing'],
    ["that removes what is not there", [{ path: "a", removed: true }], "the base has no such entry"],
  ])("%s", async (_, listing, reason) => {
    const problem = await problemIn(await post("refused", listing));
    expect(problem).toMatchObject({ status: 400, code: "listing-invalid" });
    expect(problem.detail).toContain(reason);
  });

  test("with a wrong size", async () => {
    await send("lying", project);
    const lie = { ...nodeOf("a", "contents of a"), size: 12 };
    const problem = await problemIn(await post("lying", [lie]));
    expect(problem.detail).toBe(
      'Cannot accept the listing: entry "a": it has 12 bytes, but the file with its digest has 13',
    );
  });

  test("that is not in UTF-8", async () => {
    const body = Uint8Array.of(0x5b, 0xff, 0x0a);
    const problem = await problemIn(await ask("/v1/contexts", { method: "POST", body }));
    expect(problem.detail).toBe("Cannot read the listing: it is not in UTF-8");
  });

  test("with an unknown first line", async () => {
    const problem = await problemIn(await ask("/v1/contexts", { method: "POST", body: '{"bases":1}\n' }));
    expect(problem.code).toBe("invalid-request");
  });

  test("for an invalid image name", async () => {
    expect(await problemIn(await post("A!", []))).toMatchObject({ code: "name-invalid" });
  });
});

describe("a pack", () => {
  test("is stored once", async () => {
    const { digest, bytes } = await packOf("once");
    expect(await hasPack("once", digest)).toBe(false);
    expect((await put("once", digest, bytes)).status).toBe(201);
    expect((await put("once", digest, bytes)).status).toBe(200);
    expect(await hasPack("once", digest)).toBe(true);
  });

  test("is rejected and not stored when it is damaged", async () => {
    const { bytes } = await packOf("damaged");
    const damaged = bytes.with(bytes.length - 1, 7);
    const problem = await problemIn(await put("damaged", sha256(damaged), damaged));
    expect(problem).toMatchObject({ status: 400, code: "pack-invalid" });
    expect(await problemIn(await put("damaged", sha256(bytes), damaged))).toMatchObject({
      code: "pack-invalid",
    });
    expect(await hasPack("damaged", sha256(bytes))).toBe(false);
    expect((await put("damaged", sha256(bytes), bytes)).status).toBe(201);
  });

  test("is rejected when its contents have other digests", async () => {
    const { bytes } = await packOf("honest");
    const text = new TextDecoder("latin1")
      .decode(bytes)
      .replace(sha256("honest").slice(7), sha256("liar").slice(7));
    const liar = Uint8Array.from(text, (character) => character.charCodeAt(0));
    const problem = await problemIn(await put("liar", sha256(liar), liar));
    expect(problem.detail).toContain(`its file ${sha256("liar")} has digest ${sha256("honest")}`);
  });

  test.each([sha256("x"), sha256("")])("is rejected when it is empty, under %s", async (digest) => {
    const problem = await problemIn(await put("empty", digest, new Uint8Array()));
    expect(problem).toMatchObject({ status: 400, code: "pack-invalid" });
    expect(problem.detail).toContain("it ends after 0 bytes");
    expect(await hasPack("empty", digest)).toBe(false);
  });

  test("is rejected when it is too large", async () => {
    const bytes = new Uint8Array(32 * 1024 * 1024 + 1);
    expect(await problemIn(await put("large", sha256("large"), bytes))).toMatchObject({
      status: 413,
      code: "pack-too-large",
    });
  });

  test("is rejected when its name is not a digest", async () => {
    expect(await problemIn(await put("name", "sha256:x", Uint8Array.of(1)))).toMatchObject({
      code: "digest-invalid",
    });
  });
});

describe("callers cannot learn which files other repositories have", () => {
  test("by packs", async () => {
    const pack = await packOf("secret");
    await put("owner", pack.digest, pack.bytes);
    expect(await hasPack("stranger", pack.digest)).toBe(false);
    const problem = await problemIn(await post("stranger", items({ a: "secret" }), { packs: [pack.digest] }));
    expect(problem).toMatchObject({ status: 404, code: "pack-unknown" });
    // A caller that also has the file must send it.
    const damaged = pack.bytes.with(pack.bytes.length - 1, 7);
    expect(await problemIn(await put("stranger", pack.digest, damaged))).toMatchObject({
      code: "pack-invalid",
    });
    expect((await put("stranger", pack.digest, pack.bytes)).status).toBe(201);
  });

  test("by listings", async () => {
    const digest = await send("owner2", project);
    expect((await state(post("stranger2", items(project)))).missing).toHaveLength(3);
    expect((await ask(`/v1/contexts/${digest}?scope=stranger2`)).status).toBe(404);
    const problem = await problemIn(await post("stranger3", [], { base: digest }));
    expect(problem).toMatchObject({ status: 404, code: "base-unknown" });
  });

  test("by builds", async () => {
    const context = await send("owner4", project);
    const body = JSON.stringify({ context });
    const headers = { "content-type": "application/json" };
    const answer = await ask("/v1/builds?t=stranger4", { method: "POST", body, headers });
    expect(await problemIn(answer)).toMatchObject({ status: 404, code: "context-unknown" });
  });
});

// Results of COPY are found by the digests of its files, in all repositories.
test("a file of parts must have the contents of its digest, also while other files of the listing are missing", async () => {
  const files = { large: "contents that others have", other: "sent later" };
  const forged = encoder.encode("contents of a forger here");
  const block = zstdFrame(forged, 1);
  const part: [string, number] = [sha256(files.large).slice(7), 0];
  const bytes = concat(encodePack([block], [[block.length, forged.length]], { files: [], part }).parts);
  const digest = sha256(bytes);
  expect((await put("forger", digest, bytes)).status).toBe(201);
  expect(await problemIn(await post("forger", items(files), { packs: [digest] }))).toMatchObject({
    code: "pack-invalid",
    detail: expect.stringContaining(`have contents of digest ${sha256("contents of a forger here")}`),
  });
  const pack = await packOf(files.other);
  await put("forger", pack.digest, pack.bytes);
  const base = listingDigest(tree(files));
  expect(await problemIn(await post("forger", [], { base, packs: [pack.digest] }))).toMatchObject({
    code: "base-unknown",
  });
});

// Runners read whole packs, and a pack may have files that are not in the context.
test.each(["first", "last"])(
  "a context names the packs of its own repository, also when it was stored %s",
  async (order) => {
    const files = { f: `shared by two repositories, ${order}` };
    const sendWith = async (scope: string, ...others: string[]) => {
      const pack = await packOf(files.f, ...others);
      await put(scope, pack.digest, pack.bytes);
      const { digest } = await state(post(scope, items(files), { packs: [pack.digest] }));
      return { digest, pack: pack.digest.slice("sha256:".length) };
    };
    const sends = [() => sendWith(`owner-${order}`, "SECRET=1"), () => sendWith(`reader-${order}`)];
    if (order === "last") sends.reverse();
    for (const send of sends) await send();
    // Again, as clients do whose last context is another one.
    for (const send of sends) await send();
    for (const send of sends) {
      const { digest, pack } = await send();
      const scope = new ContextScope(
        storeOf(env),
        send === sends[order === "last" ? 1 : 0] ? `owner-${order}` : `reader-${order}`,
      );
      expect(
        await readContextPacks(storeOf(env), (await scope.copyOf(digest)) ?? contextKey(digest)),
      ).toEqual([pack]);
      expect((await scope.openContext(digest))?.packs.map((one) => one?.digest)).toEqual([`sha256:${pack}`]);
    }
  },
);

test("a context with deleted packs is sent again", async () => {
  const files = { data: "a file that later builds reuse", Dockerfile: "FROM scratch\nCOPY data /\n" };
  const query = { t: "lost-packs" };
  const before = new Set(await storedKeys("packs/"));
  await build(files, query);
  const packs = (await storedKeys("packs/")).filter((key) => !before.has(key));
  expect(packs).not.toEqual([]);
  await env.BUCKET.delete(packs);
  const changed = { ...files, Dockerfile: "FROM scratch\nCOPY data /elsewhere\n" };
  expect(await problemIn(await postBuild(changed, query))).toMatchObject({
    code: "context-unknown",
    detail: expect.stringMatching(/some of its files were deleted/),
  });
  await build(changed, query);
});
