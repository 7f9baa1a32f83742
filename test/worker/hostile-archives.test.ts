import { describe, expect, test } from "vitest";
import { utf8 } from "../streams/source.ts";
import { archive, member, pax, rawHeader, rawMember } from "../tar/archive.ts";
import { builtBy, postBuild, problemIn, storedKeys } from "./server.ts";
import { expectUnharmedServer } from "./unharmed-server.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const dockerfile = member({ path: "Dockerfile" }, "FROM scratch\nCOPY . /\n");
const tar = (...members: Uint8Array[]) => archive(dockerfile, ...members);

/** Pieces as a body that is made while it is sent. */
function streamOf(pieces: Iterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = pieces[Symbol.iterator]();
  return new ReadableStream({
    pull(controller) {
      const { done, value } = iterator.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}

const gzipped = (pieces: Iterable<Uint8Array>) =>
  streamOf(pieces).pipeThrough(new CompressionStream("gzip") as TransformStream<Uint8Array, Uint8Array>);

expectUnharmedServer();

describe("a build from an archive", () => {
  const zeros = new Uint8Array(1 << 20);
  const cases: Record<string, [Bytes, RegExp, code?: string]> = {
    "a name that leads out": [
      tar(member({ path: "a/../../etc/passwd" }, "x")),
      /a\/\.\.\/\.\.\/etc\/passwd.*leads out/,
    ],
    "a hard link that leads out": [
      tar(member({ path: "evil", type: "hardlink", linkname: "../../etc/passwd" })),
      /evil.*leads out/,
    ],
    "a hard link to nothing": [
      tar(member({ path: "evil", type: "hardlink", linkname: "nothing" })),
      /evil.*nothing.*does not exist/,
    ],
    "a name of 5,000 bytes": [
      tar(pax({ path: "n".repeat(5000) }), member({ path: "x" })),
      /nnnn.*longer than/,
    ],
    "a part of a name that is too long": [
      tar(pax({ path: `a/${"n".repeat(300)}` }), member({ path: "x" })),
      /nnn.*longer than 255/,
    ],
    "a target of 5,000 bytes": [
      tar(pax({ linkpath: "n".repeat(5000) }), member({ path: "link", type: "symlink" })),
      /link.*longer than/,
    ],
    "a name 600 directories deep": [
      tar(pax({ path: "d/".repeat(600) }), member({ path: "x" })),
      /d\/d\/.*more than 512 directories/,
    ],
    "a file below a file": [
      tar(member({ path: "f" }, "x"), member({ path: "f/g" }, "y")),
      /f\/g.*not a directory/,
    ],
    "a file below a link that leads nowhere and back": [
      tar(member({ path: "loop", type: "symlink", linkname: "loop" }), member({ path: "loop/f" }, "x")),
      /loop/,
    ],
    "a size that is too small": [
      tar(rawMember({ name: "lies", size: "1" }, "x".repeat(2000))),
      /header|checksum|after "lies"/,
    ],
    "a size that is too large": [
      tar(rawMember({ name: "lies", size: "77777777" }, "x")),
      /lies.*unexpected EOF|unexpected EOF.*lies/,
    ],
    "a size beyond all bounds": [
      tar(pax({ size: String(20 * 2 ** 30) }), rawMember({ name: "huge" })),
      /huge.*more than \d+ bytes/,
    ],
    "a negative size": [tar(rawMember({ name: "less", size: "-1" })), /less|size/],
    "an archive that ends in a header": [
      tar(member({ path: "x" })).slice(0, 1024 + 200) as Bytes,
      /unexpected EOF/,
    ],
    "an archive that ends in a file": [
      tar(rawHeader({ name: "half", size: "1000" })).slice(0, 1024 + 512 + 100) as Bytes,
      /half.*unexpected EOF|unexpected EOF.*half|unexpected EOF/,
    ],
    "a wrong checksum": [tar(rawHeader({ name: "sum", checksum: "000000\0 " })), /checksum/],
    "a text that is no archive": [utf8("<html>".repeat(200)) as Bytes, /header|checksum/],
    "a pax header of 100 MB": [
      tar(rawHeader({ name: "PaxHeaders/x", type: "x", size: (100 * 2 ** 20).toString(8) }), zeros),
      /PaxHeaders\/x/,
    ],
    "an invalid pax record": [
      tar(rawMember({ name: "PaxHeaders/x", type: "x" }, "99 path=a\n")),
      /PaxHeaders|pax|record/,
    ],
    "a hundred pax headers in a row": [
      tar(...Array(100).fill(pax({ comment: "x" })), member({ path: "x" })),
      /in a row/,
    ],
    "a pax header for nothing": [tar(pax({ path: "x" })), /without a member/],
    "a truncated gzip stream": [
      new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2]) as Bytes,
      /gzip|unexpected/i,
    ],
    "an invalid zstd stream": [
      new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, 0xff, 0xff, 0xff, 0xff, 0xff]) as Bytes,
      /zstd|frame/i,
    ],
  };

  test.each(Object.entries(cases))("rejects %s", async (_, [body, message, code = "context-invalid"]) => {
    const problem = await problemIn(await postBuild(body));
    expect(problem).toMatchObject({ status: 400, code });
    expect(problem.detail).toMatch(message);
    expect(problem.detail?.length).toBeLessThan(1500);
  });

  test("ends a name at a NUL byte, as every tar implementation does", async () => {
    const named = rawMember({ name: "name\0rest" }, "x");
    const { manifest } = await builtBy(await postBuild(tar(named)));
    expect(manifest.layers).toHaveLength(1);
    const problem = await problemIn(await postBuild(tar(pax({ path: "a\0b" }), member({ path: "x" }))));
    expect(problem.code).toBe("context-invalid");
  });

  test("reads an absolute name as relative to the context", async () => {
    const body = archive(
      member({ path: "Dockerfile" }, "FROM scratch\nCOPY etc/passwd /copied\n"),
      rawMember({ name: "/etc/passwd" }, "of the context"),
    );
    expect((await builtBy(await postBuild(body))).manifest.layers).toHaveLength(1);
  });

  test("names the first entry above the limit of half a million", async () => {
    function* entries() {
      yield dockerfile;
      const block = rawHeader({ name: "f/0000000" });
      const pieces = new Uint8Array(512 * 512);
      for (let from = 0; from < 501_000; from += 512) {
        for (let i = 0; i < 512; i++) {
          block.set(utf8(String(from + i).padStart(7, "0")), 2);
          block.set(utf8("        "), 148);
          let sum = 0;
          for (const byte of block) sum += byte;
          block.set(utf8(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
          pieces.set(block, i * 512);
        }
        yield pieces.slice();
      }
    }
    const problem = await problemIn(await postBuild(gzipped(entries())));
    expect(problem).toMatchObject({ status: 400, code: "context-invalid" });
    expect(problem.detail).toMatch(/f\/04999\d\d.*more than 500000 entries/);
  }, 60_000);

  test("names the file of a gzip bomb that exceeds the limit", async () => {
    function* bomb() {
      yield dockerfile;
      yield rawHeader({ name: "small", size: (1 << 20).toString(8) });
      yield zeros;
      yield pax({ size: String(17 * 2 ** 30) });
      yield rawHeader({ name: "bomb" });
      for (let i = 0; i < 64; i++) yield zeros;
    }
    const problem = await problemIn(await postBuild(gzipped(bomb())));
    expect(problem).toMatchObject({ status: 400, code: "context-invalid" });
    expect(problem.detail).toMatch(/bomb/);
  });

  test("starts no build for an interrupted upload", async () => {
    const before = await storedKeys("builds/");
    const broken = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(dockerfile);
        controller.enqueue(rawHeader({ name: "half", size: "10000" }));
      },
      pull(controller) {
        controller.error(new Error("gone"));
      },
    });
    await postBuild(broken).then(
      async (answer) => expect(answer.status).toBeGreaterThanOrEqual(400),
      () => {},
    );
    expect(await storedKeys("builds/")).toEqual(before);
  });
});
