import { describe, expect, it } from "vitest";
import { concat } from "../../src/streams/concat.ts";
import { readTar } from "../../src/tar/read.ts";
import { noise, Source } from "../streams/source.ts";
import { archive, GNU, member, pax, rawHeader, rawMember, readAll } from "./archive.ts";

describe("truncation", () => {
  const whole = concat([
    pax({ path: "first" }),
    rawMember({}, noise(700)),
    member({ path: "second" }, noise(100_000)),
    member({ path: "third" }, "x"),
  ]);

  it.each([1, 511, 513, 600, 1025, 1537, 2000, 2700, 3000, 50_000, 103_000, 103_500])(
    "after %d bytes is an unexpected EOF",
    async (length) => {
      const reading = readAll(whole.subarray(0, length), {}, 1000);
      await expect(reading).rejects.toMatchObject({ name: "TarError", code: "truncated" });
      await expect(reading).rejects.toThrow("unexpected EOF");
    },
  );

  it("is noticed in bodies that are not read", async () => {
    const reading = (async () => {
      for await (const _ of readTar(new Source([whole.subarray(0, 50_000)])));
    })();
    await expect(reading).rejects.toMatchObject({ code: "truncated", entry: "second" });
  });

  it("after an extended header says so", async () => {
    await expect(readAll(pax({ path: "a" }))).rejects.toMatchObject({ code: "truncated" });
    await expect(readAll(archive(pax({ path: "a" })))).rejects.toThrow("extended header without a member");
  });
});

describe("limits", () => {
  it("end endless archives", async () => {
    function* endless() {
      const one = member({ path: "again" });
      for (;;) yield one;
    }
    let count = 0;
    const reading = (async () => {
      for await (const _ of readTar(new Source(endless()), { maxEntries: 1000 })) count += 1;
    })();
    await expect(reading).rejects.toMatchObject({ code: "too-many-entries", entry: "again" });
    expect(count).toBe(1000);
  });

  it("end endless extended headers", async () => {
    function* endless() {
      const one = pax({ path: "again" });
      for (;;) yield one;
    }
    const reading = readTar(new Source(endless())).next();
    await expect(reading).rejects.toMatchObject({ code: "too-many-entries" });
  });

  it("bound extended headers and long names before reading them", async () => {
    for (const type of ["x", "g", "L", "K"]) {
      const bytes = rawHeader({ name: "huge", type, magic: GNU, size: "77777777777" });
      await expect(readAll(bytes)).rejects.toMatchObject({ code: "bad-header", entry: "huge" });
    }
  });

  it("limits the stated sum of file sizes before reading contents", async () => {
    const bytes = concat([member({ path: "small" }, "x"), rawHeader({ name: "huge", size: "77777777777" })]);
    await expect(readAll(bytes, { maxBytes: 1e9 })).rejects.toMatchObject({
      code: "too-large",
      entry: "huge",
    });
  });

  it("bound names and depth, naming the entry", async () => {
    const tooLong = "n/".repeat(3000);
    await expect(readAll(archive(pax({ path: tooLong }), rawHeader({})))).rejects.toMatchObject({
      code: "name-too-long",
      entry: tooLong,
    });
    await expect(
      readAll(archive(pax({ linkpath: tooLong }), rawHeader({ name: "l", type: "2" }))),
    ).rejects.toMatchObject({ code: "name-too-long", entry: "l" });
    const deep = "d/".repeat(600);
    await expect(readAll(archive(pax({ path: deep }), rawHeader({})))).rejects.toMatchObject({
      code: "too-deep",
    });
  });

  it("keep messages short and on one line", async () => {
    const name = `\n\x1b[31m${"a".repeat(2000)}`;
    const error = await readAll(archive(pax({ path: name }), rawHeader({ type: "Z" }))).catch((e) => e);
    expect(error.message.length).toBeLessThan(500);
    expect(error.message).not.toContain("\n");
    expect(error.message).not.toContain("\x1b");
    expect(error.entry).toBe(name);
  });
});

describe("headers", () => {
  it.each(["M", "N", "A", "I", "Z", "8", " ", "\x7f"])("of type %j are rejected", async (type) => {
    await expect(readAll(archive(rawHeader({ type })))).rejects.toMatchObject({
      code: "unsupported-type",
      entry: "f",
    });
  });

  it("after the end of the archive are rejected", async () => {
    const bytes = concat([member({ path: "a" }), new Uint8Array(512), member({ path: "b" })]);
    await expect(readAll(bytes)).rejects.toMatchObject({ code: "bad-header" });
  });

  it("with negative numbers are rejected", async () => {
    const minusOne = new Uint8Array(12).fill(255);
    await expect(readAll(archive(rawHeader({ size: minusOne })))).rejects.toMatchObject({
      code: "bad-header",
    });
    await expect(readAll(archive(rawHeader({ type: "x", size: minusOne })))).rejects.toMatchObject({
      code: "bad-header",
    });
  });

  it("that are damaged are named by the entry before", async () => {
    const bytes = concat([member({ path: "good" }), rawHeader({ checksum: "0012345\0" })]);
    await expect(readAll(bytes)).rejects.toMatchObject({ code: "bad-checksum", entry: undefined });
    await expect(readAll(bytes)).rejects.toThrow('after "good"');
  });
});
