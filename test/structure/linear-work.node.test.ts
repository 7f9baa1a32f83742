import { execFileSync } from "node:child_process";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { buildOptions } from "../../schemas/options.ts";
import { ingestTar } from "../../src/context/ingest.ts";
import { readDockerfile } from "../../src/dockerfile/instructions.ts";
import { prepareBuild, runBuild } from "../../src/engine/build.ts";
import { readInputs } from "../../src/engine/inputs.ts";
import { lintSource } from "../../src/engine/plan/lint.ts";
import { planBuild } from "../../src/engine/plan-build.ts";
import { ingestLayer } from "../../src/layers/ingest.ts";
import { blobKey } from "../../src/oci/content-key.ts";
import { OCI } from "../../src/oci/media-types.ts";
import { mergeLayers } from "../../src/rootfs/merge.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import { concat } from "../../src/streams/concat.ts";
import { parseLargeJson } from "../../src/streams/json.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { countedWork } from "../../src/streams/turns.ts";
import { contextOf } from "../helpers/memory-context.ts";
import { buildMemory, memoryWorld } from "../helpers/memory-world.ts";
import { source } from "../streams/source.ts";
import { archive, GNU, member, pax, rawMember } from "../tar/archive.ts";

// Input of twice the size takes about twice the work at most: see src/streams/turns.ts.

/** An input by size, and the work with it. */
interface Case {
  size: number;
  prepare(size: number): (() => unknown) | Promise<() => unknown>;
}

const range = <T>(count: number, value: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => value(index));
const lines = (count: number, line: (index: number) => string) => range(count, line).join("\n");
const records = (count: number, prefix: string) =>
  Object.fromEntries(range(count, (i) => [`${prefix}${i}`, "v"]));
const symlink = (path: string, linkname: string) => member({ path, type: "symlink", linkname });
const hardlink = (path: string, linkname: string) => member({ path, type: "hardlink", linkname });
const small = archive(member({ path: "a" }, "contents"));
const xz = (bytes: Uint8Array) => execFileSync("xz", ["-c"], { input: bytes });
const bzip2 = (bytes: Uint8Array) => execFileSync("bzip2", ["-c"], { input: bytes });

/** Reads an archive into a context. */
const context = (size: number, bytes: (size: number) => Uint8Array): Case => ({
  size,
  prepare(given) {
    const tar = bytes(given);
    return () => ingestTar(source(tar), { store: memoryStore() });
  },
});

/** Reads and plans a Dockerfile, and lints it. */
const dockerfile = (size: number, text: (size: number) => string): Case => ({
  size,
  prepare(given) {
    const written = text(given);
    return async () => {
      readDockerfile(written);
      await lintSource(written);
    };
  },
});

/** Builds an image of a context of files. */
const image = (size: number, files: (size: number) => Record<string, string>): Case => ({
  size,
  async prepare(given) {
    const world = memoryWorld();
    const made = await contextOf(world.store, files(given));
    return async () => {
      const inputs = await readInputs({ context: made, dockerfile: undefined }, buildOptions.parse({}));
      const prepared = await prepareBuild(await planBuild(inputs, world), world);
      await runBuild(prepared, world, buildMemory(), () => {}, new AbortController().signal);
    };
  },
});

/** Reads layers of an image, and walks through the tree of all of them. */
const layers = (size: number, tars: (size: number) => Uint8Array[]): Case => ({
  size,
  async prepare(given) {
    const store = memoryStore();
    const made = tars(given);
    for (const tar of made) await store.put(blobKey(sha256(tar)), tar, tar.length);
    return async () => {
      const stored = [];
      for (const tar of made) {
        const digest = sha256(tar);
        const layer = { digest, size: tar.length, mediaType: OCI.layer, diffId: digest };
        stored.push((await ingestLayer(store, layer)).tree);
      }
      for (const { path } of mergeLayers(stored).walk("")) path.at(0);
    };
  },
});

/** Parses a text of JSON. */
const json = (size: number, text: (size: number) => string): Case => ({
  size,
  prepare(given) {
    const written = text(given);
    return () => parseLargeJson(written);
  },
});

const file = (path: string) => member({ path });

const cases: Record<string, Case> = {
  "empty gzip members": context(500, (n) => concat([...range(n, () => gzipSync("")), gzipSync(small)])),
  "names of gzip members": context(20, (n) => {
    const head = Buffer.concat([Buffer.from("1f8b0808000000000003", "hex"), Buffer.alloc(60_000, 97)]);
    const member = Buffer.concat([head, Buffer.from("0003000000000000000000", "hex")]);
    return concat([...range(n, () => member), gzipSync(small)]);
  }),
  "skippable zstd frames": context(1000, (n) =>
    concat([...range(n, () => Buffer.from("502a4d1800000000", "hex")), zstdCompressSync(small)]),
  ),
  "empty zstd frames": context(500, (n) =>
    concat([...range(n, () => zstdCompressSync("")), zstdCompressSync(small)]),
  ),
  "empty xz streams": context(500, (n) => {
    const empty = xz(new Uint8Array());
    return concat([...range(n, () => empty), xz(small)]);
  }),
  "padding between xz streams": context(2000, (n) =>
    concat([xz(small.subarray(0, 512)), new Uint8Array(4 * n), xz(small.subarray(512))]),
  ),
  "empty bzip2 streams": context(500, (n) => {
    const empty = bzip2(new Uint8Array());
    return concat([...range(n, () => empty), bzip2(small)]);
  }),
  "PAX records": context(1000, (n) => archive(pax(records(n, "a")), file("f"))),
  xattrs: context(400, (n) => archive(pax(records(n, "SCHILY.xattr.user.")), file("f"))),
  "GNU names": context(500, (n) =>
    archive(
      ...range(n, (i) => concat([rawMember({ type: "L", magic: GNU }, `${"n".repeat(200)}${i}`), file("f")])),
    ),
  ),
  "pieces of a sparse file": context(1000, (n) => {
    const map = `${n}\n${range(n, (i) => `${2 * i}\n0\n`).join("")}`;
    const contents = Buffer.alloc(Math.ceil(map.length / 512) * 512, 0);
    contents.write(map);
    const sparse = { major: "1", minor: "0", name: "holes", realsize: String(4 * n) };
    const named = Object.entries(sparse).map(([key, value]) => [`GNU.sparse.${key}`, value]);
    return archive(pax(Object.fromEntries(named)), rawMember({ name: "s" }, contents));
  }),
  "files of a context": context(1000, (n) => archive(...range(n, (i) => file(`d${i % 30}/f${i}`)))),
  "files in no order": context(1000, (n) => archive(...range(n, (i) => file(`${(i * 7919) % n}`)))),
  "the same file": context(1000, (n) => archive(...range(n, () => file("f")))),
  "levels of a path": context(100, (n) => archive(file(`${"a/".repeat(n)}f`))),
  "names of dots": context(250, (n) => archive(file(`${"./x/../".repeat(n)}f`))),
  "symbolic links": context(1000, (n) => archive(...range(n, (i) => symlink(`l${i}`, `l${i + 1}`)))),
  "a chain of hard links": context(500, (n) =>
    archive(file("h"), ...range(n, (i) => hardlink(`h${i}`, i === 0 ? "h" : `h${i - 1}`))),
  ),

  heredocs: dockerfile(500, (n) => `FROM scratch\n${lines(n, (i) => `COPY <<E${i} /f\nx\nE${i}`)}\n`),
  "heredocs of one instruction": dockerfile(
    500,
    (n) => `FROM scratch\nCOPY ${range(n, (i) => `<<E${i}`).join(" ")} /d/\n${lines(n, (i) => `E${i}`)}\n`,
  ),
  ONBUILD: dockerfile(500, (n) => `FROM scratch\n${lines(n, (i) => `ONBUILD LABEL a${i}=b`)}\n`),
  "levels of WORKDIR": dockerfile(1000, (n) => `FROM scratch\nWORKDIR ${"a/".repeat(n)}\n`),
  labels: dockerfile(500, (n) => `FROM scratch\n${lines(n, (i) => `LABEL a${i}=b`)}\n`),
  "labels of one instruction": dockerfile(
    500,
    (n) => `FROM scratch\nLABEL ${range(n, (i) => `a${i}=b`).join(" ")}\n`,
  ),
  variables: dockerfile(500, (n) => `FROM scratch\n${lines(n, (i) => `ARG A${i}=1\nLABEL a=$A${i}`)}\n`),
  "undefined variables": dockerfile(300, (n) => `FROM scratch\n${lines(n, (i) => `LABEL a=$nothing${i}`)}\n`),
  "white space": dockerfile(2000, (n) => `FROM scratch\nRUN x${" \t".repeat(n)}\n${"  \n".repeat(n)}`),
  continuations: dockerfile(1000, (n) => `FROM scratch\nRUN x ${"\\\n".repeat(n)}y\n`),
  "continuations with comments": dockerfile(1000, (n) => `FROM scratch\nRUN x ${"\\\n# c\n".repeat(n)}y\n`),
  comments: dockerfile(1000, (n) => `${"# comment\n".repeat(n)}FROM scratch\n`),
  "quotes that do not end": dockerfile(300, (n) => `FROM scratch\nRUN x "${'\\"'.repeat(n)}\n`),
  "arguments in JSON": dockerfile(500, (n) => `FROM scratch\nCMD ["${range(n, () => "a").join('","')}"]\n`),
  "mounts of one RUN": dockerfile(
    200,
    (n) => `FROM scratch\nRUN ${range(n, (i) => `--mount=type=cache,target=/c${i}`).join(" ")} x\n`,
  ),

  "files that COPY copies": image(400, (n) => ({
    Dockerfile: "FROM scratch\nCOPY . /\n",
    ...Object.fromEntries(range(n, (i) => [`d${i % 20}/f${i}`, ""])),
  })),
  "globs of COPY": image(30, (n) => ({
    Dockerfile: `FROM scratch\nCOPY ${range(n, (i) => `f${i}*`).join(" ")} /d/\n`,
    ...Object.fromEntries(range(100, (i) => [`f${i}`, ""])),
  })),
  "exclusions of COPY": image(200, (n) => ({
    Dockerfile: `FROM scratch\nCOPY ${range(n, (i) => `--exclude=*x${i}`).join(" ")} . /d/\n`,
    ...Object.fromEntries(range(100, (i) => [`f${i}`, ""])),
  })),
  "ignore patterns": image(200, (n) => ({
    Dockerfile: "FROM scratch\nCOPY . /\n",
    ".dockerignore": lines(n, (i) => `**/x${i}*y`),
    ...Object.fromEntries(range(200, (i) => [`d/f${i}`, ""])),
  })),
  "exceptions of ignore patterns": image(200, (n) => ({
    Dockerfile: "FROM scratch\nCOPY . /\n",
    ".dockerignore": lines(n, (i) => `x${i}\n!y${i}`),
    ...Object.fromEntries(range(200, (i) => [`d/f${i}`, ""])),
  })),
  "stars of a pattern": image(15, (n) => ({
    Dockerfile: "FROM scratch\nCOPY . /\n",
    ".dockerignore": `${"*a".repeat(n)}b\n`,
    ...Object.fromEntries(range(20, (i) => [`${"a".repeat(150)}${i}`, ""])),
  })),

  "files of layers": layers(500, (n) => [archive(...range(n, (i) => file(`d${i % 30}/f${i}`)))]),
  "removals in layers": layers(500, (n) => [
    archive(...range(n, (i) => file(`d${i % 30}/f${i}`))),
    archive(...range(n, (i) => file(`d${i % 30}/.wh.f${i}`))),
  ]),
  "layers over each other": layers(20, (n) => range(n, (i) => archive(file(`d/f${i}`), file("same")))),
  "opaque directories": layers(20, (n) =>
    range(n, (i) => archive(file("d/.wh..wh..opq"), ...range(20, (j) => file(`d/f${i}-${j}`)))),
  ),
  "files below a symbolic link": layers(300, (n) => [
    archive(member({ path: "real", type: "dir" }), symlink("l", "real"), ...range(n, (i) => file(`l/f${i}`))),
  ]),

  "items of a list": json(20_000, (n) => `[${range(n, () => "0").join(",")}]`),
  "names of an object": json(5000, (n) => JSON.stringify(records(n, "a"))),
  "lists within lists": json(40, (n) => `${"[".repeat(n)}${"]".repeat(n)}`),
  "backslashes in a text": json(10_000, (n) => `["${"\\\\".repeat(n)}"]`),
};

/** Twice the size may need twice the work, with a margin. */
const RATIO = 2.2;

/** Units of work that a case counts. They do not depend on the load of the machine. */
async function measure({ prepare }: Case, size: number): Promise<number> {
  const task = await prepare(size);
  const before = countedWork();
  await task();
  return countedWork() - before;
}

test.each(Object.entries(cases))("%s", async (_, given) => {
  // Warm up: work that is done once must not count for the first size.
  await measure(given, 1);
  const once = await measure(given, given.size);
  const twice = await measure(given, 2 * given.size);
  expect(once).toBeGreaterThan(0);
  expect(twice / once).toBeLessThanOrEqual(RATIO);
});
