import { expect, test } from "vitest";
import type { ContextFiles } from "../helpers/context-archive.ts";
import { build } from "./server.ts";

const files: ContextFiles = {
  Dockerfile: "ARG TOP=1\nFROM scratch AS unused\nARG HERE\nFROM scratch\nARG V\nLABEL v=$V\nCOPY a /\n",
  a: "a",
};
const idOf = async (query: Record<string, string>, other: ContextFiles = files) =>
  (await build(other, query)).id;
const json = (map: Record<string, string>) => JSON.stringify(map);
const t = "identity";

test("the same inputs have the same id", async () => {
  const query = { t, labels: json({ a: "1", b: "2" }), buildargs: json({ V: "1", TOP: "2" }) };
  const id = await idOf(query);
  expect(await idOf(query)).toBe(id);
  // The spelling does not matter.
  const reversed = { buildargs: json({ TOP: "2", V: "1" }), labels: json({ b: "2", a: "1" }), t };
  expect(await idOf(reversed)).toBe(id);
  expect(await idOf(query, { a: "a", Dockerfile: files.Dockerfile as string })).toBe(id);
  const tags = {
    ...query,
    nocache: "0",
    dockerfile: "Dockerfile",
    compression: "gzip",
    timestamps: "preserve",
  };
  expect(await idOf(tags)).toBe(id);
});

test.each([
  ["an argument that is nowhere declared", { buildargs: json({ NOBODY: "1" }) }],
  ["an argument of a stage that is not needed", { buildargs: json({ HERE: "1" }) }],
  ["whether registries are asked again", { pull: "1" }],
])("%s changes nothing", async (_, query) => {
  expect(await idOf({ t, ...query })).toBe(await idOf({ t }));
});

test.each<[string, Record<string, string>, ContextFiles?]>([
  ["an argument that is used", { buildargs: json({ V: "1" }) }],
  ["a global argument", { buildargs: json({ TOP: "2" }) }],
  ["an argument that needs no ARG", { buildargs: json({ SOURCE_DATE_EPOCH: "1" }) }],
  ["the platform that arguments claim", { buildargs: json({ TARGETARCH: "arm64" }) }],
  ["a label", { labels: json({ a: "1" }) }],
  ["a name", { t: "identity:2" }],
  ["the target", { target: "unused" }],
  ["a platform", { platform: "linux/arm64" }],
  ["the compression", { compression: "zstd" }],
  ["the epoch", { sourcedateepoch: "1" }],
  ["times that are fixed", { timestamps: "fixed" }],
  ["times that are rewritten", { rewritetimestamp: "1" }],
  ["a file", {}, { ...files, a: "b" }],
  ["the Dockerfile", {}, { ...files, Dockerfile: `${files.Dockerfile}LABEL x=y\n` }],
])("%s makes another build", async (_, query, other) => {
  expect(await idOf({ t, ...query }, other)).not.toBe(await idOf({ t }));
});

test("an argument declared by an ONBUILD trigger of the base counts", async () => {
  await build(
    { Dockerfile: "FROM scratch\nONBUILD ARG LATER\nONBUILD LABEL later=$LATER\n" },
    { t: "triggers" },
  );
  const on: ContextFiles = { Dockerfile: "FROM localhost/triggers\n" };
  const ids = [await idOf({ t }, on), await idOf({ t, buildargs: json({ LATER: "1" }) }, on)];
  expect(ids[0]).not.toBe(ids[1]);
  expect(await idOf({ t, buildargs: json({ NEVER: "1" }) }, on)).toBe(ids[0]);
});

test("another digest of the base makes another build", async () => {
  const base = (label: string) =>
    build({ Dockerfile: `FROM scratch\nLABEL base=${label}\n` }, { t: "moving" });
  const on: ContextFiles = { Dockerfile: "FROM localhost/moving\n" };
  await base("1");
  const first = await idOf({ t }, on);
  expect(await idOf({ t }, on)).toBe(first);
  await base("2");
  expect(await idOf({ t }, on)).not.toBe(first);
});
