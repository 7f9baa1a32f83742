import { expect, test } from "vitest";
import { Heads } from "../../src/store/heads.ts";

/** Heads of a store with objects `a` and `b`, and the requests that they send. */
function open() {
  const requests: (readonly string[])[] = [];
  const heads = new Heads(async (keys) => {
    requests.push(keys);
    if (keys.includes("broken")) throw new Error("no connection");
    return keys.map((key) => (["a", "b"].includes(key) ? { key, size: 1, metadata: {}, uploaded: 0 } : null));
  });
  return { heads, requests };
}

test("keys of one turn share a request, in which each key is once", async () => {
  const { heads, requests } = open();
  const infos = await Promise.all(["a", "none", "b", "a"].map((key) => heads.read(key)));
  expect(infos.map((info) => info?.key)).toEqual(["a", undefined, "b", "a"]);
  expect(requests).toEqual([["a", "none", "b"]]);
});

test("chains of equal length continue to share requests", async () => {
  const { heads, requests } = open();
  const chain = async (key: string) => {
    await heads.read(`${key}1`);
    await heads.read(`${key}2`);
  };
  await Promise.all([chain("a"), chain("b")]);
  expect(requests).toEqual([
    ["a1", "b1"],
    ["a2", "b2"],
  ]);
});

test("a failed request rejects all its keys, and no later ones", async () => {
  const { heads } = open();
  const ended = await Promise.allSettled([heads.read("a"), heads.read("broken")]);
  expect(ended.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(await heads.read("a")).toMatchObject({ key: "a" });
});
