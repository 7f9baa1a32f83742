import { execFileSync } from "node:child_process";
import { constants, gzipSync, zstdCompressSync } from "node:zlib";
import { concat } from "../../../src/streams/concat.ts";
import { writePax } from "../../../src/tar/pax.ts";
import { endOfArchive } from "../../../src/tar/write.ts";
import { archive, GNU, member, pax, rawHeader, rawMember } from "../../tar/archive.ts";
import { building, contextWith, type FreezingInputs, range, repeated } from "./input.ts";

const scratch = "FROM scratch\nCOPY Dockerfile /\n";
const everything = "FROM scratch\nCOPY . /\n";
const small = contextWith(scratch);

/** Compresses bytes with the program `xz` or `bzip2`. */
function compressed(program: "xz" | "bzip2", bytes: Uint8Array): Uint8Array {
  return execFileSync(program, ["-c"], { input: bytes, maxBuffer: 2 ** 28 });
}

const skippable = (contents: number) => {
  const frame = Buffer.alloc(8 + contents);
  frame.writeUInt32LE(0x184d2a50, 0);
  frame.writeUInt32LE(contents, 4);
  return frame;
};

const symlink = (path: string, linkname: string) => member({ path, type: "symlink", linkname });
const hardlink = (path: string, linkname: string) => member({ path, type: "hardlink", linkname });
const records = (count: number, name: (index: number) => string) =>
  Object.fromEntries(range(count, (i) => [name(i), "v"]));
const gzipped = (bytes: Uint8Array) => gzipSync(bytes, { level: 1 });

/** Contexts, compressed and not. */
export const archives: FreezingInputs = {
  "100,000 empty gzip members": building(200, () =>
    concat([repeated(gzipSync(""), 100_000), gzipSync(small)]),
  ),
  "100,000 gzip members of a byte": building(200, () =>
    concat([gzipSync(small), repeated(gzipSync("x"), 100_000)]),
  ),
  "gzip members with names of 60,000 bytes": building(200, () => {
    const head = Buffer.from("1f8b0808000000000003", "hex");
    const named = concat([
      head,
      Buffer.alloc(60_000, 0x61),
      Buffer.from("00030000000000000000000000", "hex").subarray(0, 11),
    ]);
    return concat([repeated(named, 64), gzipSync(small)]);
  }),
  "zeros behind a gzip member": building(400, () => concat([gzipSync(small), new Uint8Array(8 << 20)])),
  "1 GiB of zeros in 1 MB of gzip": building(200, () => {
    const piece = gzipSync(new Uint8Array(64 << 20), { level: 9 });
    return concat([gzipSync(small.subarray(0, 1024)), repeated(piece, 16)]);
  }),
  "200,000 skippable zstd frames": building(200, () =>
    concat([repeated(skippable(0), 200_000), zstdCompressSync(small)]),
  ),
  "100,000 empty zstd frames": building(200, () =>
    concat([repeated(zstdCompressSync(""), 100_000), zstdCompressSync(small)]),
  ),
  "500,000 empty zstd blocks": building(200, () => {
    const frame = zstdCompressSync(small, { params: { [constants.ZSTD_c_contentSizeFlag]: 0 } });
    const empty = Buffer.from("28b52ffd0050", "hex");
    return concat([empty, new Uint8Array(3 * 500_000), Uint8Array.of(1, 0, 0), frame]);
  }),
  "zstd frames that become 1 GiB": building(400, () =>
    concat([
      zstdCompressSync(small.subarray(0, 1024)),
      repeated(zstdCompressSync(new Uint8Array(8 << 20)), 128),
    ]),
  ),
  "50,000 empty bzip2 streams": building(200, () =>
    concat([repeated(compressed("bzip2", new Uint8Array()), 50_000), compressed("bzip2", small)]),
  ),
  "bzip2 streams that become 200 MB": building(400, () =>
    concat([
      compressed("bzip2", small.subarray(0, 1024)),
      repeated(compressed("bzip2", new Uint8Array(10 << 20)), 20),
    ]),
  ),
  "50,000 empty xz streams": building(200, () =>
    concat([repeated(compressed("xz", new Uint8Array()), 50_000), compressed("xz", small)]),
  ),
  "8 MB of padding between xz streams": building(200, () =>
    concat([
      compressed("xz", small.subarray(0, 1024)),
      new Uint8Array(8 << 20),
      compressed("xz", small.subarray(1024)),
    ]),
  ),
  "an xz stream that becomes 200 MB": building(400, () =>
    compressed("xz", concat([small.subarray(0, 1024), new Uint8Array(200 << 20)])),
  ),
  "PAX records: 80,000 of one member": building(200, () =>
    archive(pax(records(80_000, (i) => `a${i}`)), member({ path: "Dockerfile" }, scratch)),
  ),
  "PAX records: 16 headers of 1 MB before one member": building(200, () =>
    archive(repeated(pax(records(80_000, (i) => `a${i}`)), 16), member({ path: "Dockerfile" }, scratch)),
  ),
  "PAX records: global headers": building(400, () =>
    archive(repeated(pax({ a: "b" }, "g"), 100_000), member({ path: "Dockerfile" }, scratch)),
  ),
  "PAX records: a length without an end": building(400, () =>
    archive(rawMember({ name: "PaxHeaders/x", type: "x" }, "9".repeat(1 << 20)), member({ path: "a" })),
  ),
  "xattrs: 1,000 of each of 500 members": building(200, () => {
    const header = pax(records(1000, (i) => `SCHILY.xattr.user.${i}`));
    return gzipped(
      contextWith(everything, ...range(500, (i) => concat([header, member({ path: `f${i}` })]))),
    );
  }),
  "xattrs: 50,000 of one member": building(400, () =>
    contextWith(everything, pax(records(50_000, (i) => `SCHILY.xattr.user.${i}`)), member({ path: "f" })),
  ),
  "GNU names of 1 MB": building(400, () =>
    contextWith(
      everything,
      rawMember({ name: "././@LongLink", type: "L", magic: GNU }, "a/".repeat(500_000)),
      member({ path: "f" }),
    ),
  ),
  "GNU sparse file of 100,000 pieces": building(200, () => {
    const map = `100000\n${range(100_000, (i) => `${2 * i}\n0\n`).join("")}`;
    const contents = Buffer.alloc(Math.ceil(map.length / 512) * 512, 0);
    contents.write(map);
    return contextWith(
      everything,
      pax({
        "GNU.sparse.major": "1",
        "GNU.sparse.minor": "0",
        "GNU.sparse.name": "holes",
        "GNU.sparse.realsize": "400000",
      }),
      rawMember({ name: "GNUSparseFile/holes" }, contents),
    );
  }),
  "GNU sparse file of 200 MB of holes": building(200, () => {
    const map = "1\n0\n0\n";
    const contents = Buffer.alloc(512, 0);
    contents.write(map);
    return contextWith(
      everything,
      pax({
        "GNU.sparse.major": "1",
        "GNU.sparse.minor": "0",
        "GNU.sparse.name": "holes",
        "GNU.sparse.realsize": String(200 << 20),
      }),
      rawMember({ name: "GNUSparseFile/holes" }, contents),
    );
  }),
  "400,000 empty blocks behind the archive": building(200, () =>
    gzipped(concat([small, new Uint8Array(512 * 400_000)])),
  ),
  "100,000 empty files": building(200, () =>
    gzipped(contextWith(everything, ...range(100_000, (i) => member({ path: `d${i % 100}/f${i}` })))),
  ),
  "100,000 times the same file": building(200, () =>
    gzipped(
      concat([
        member({ path: "Dockerfile" }, everything),
        repeated(member({ path: "f" }), 100_000),
        endOfArchive,
      ]),
    ),
  ),
  "4,000 directories within 500 others": building(200, () => {
    const deep = "d/".repeat(500);
    return gzipped(
      contextWith(
        everything,
        ...range(4000, (i) => member({ path: `${deep}${i}`, type: "dir", mode: 0o755 })),
      ),
    );
  }),
  "path depth: 2,000 paths of 500 directories each": building(400, () =>
    gzipped(contextWith(everything, ...range(2000, (i) => member({ path: `${i}/${"a/".repeat(500)}f` })))),
  ),
  "path depth: 2,000 levels": building(400, () =>
    contextWith(everything, member({ path: `${"a/".repeat(2000)}f` })),
  ),
  "names of many dots": building(200, () =>
    gzipped(
      contextWith(everything, ...range(3000, (i) => member({ path: `${"./x/../".repeat(290)}f${i}` }))),
    ),
  ),
  "symlink chains: 20,000 links": building(400, () =>
    gzipped(
      contextWith(
        "FROM scratch\nCOPY l19999/ /\n",
        ...range(20_000, (i) => symlink(`l${i}`, i === 0 ? "Dockerfile" : `l${i - 1}`)),
      ),
    ),
  ),
  "symlink chains: links that double": building(400, () =>
    contextWith(
      "FROM scratch\nCOPY l40/ /\n",
      ...range(41, (i) => symlink(`l${i}`, i === 0 ? "." : `l${i - 1}/l${i - 1}`)),
    ),
  ),
  "symlink chains: 2,000 sources behind 250 links each": building(400, () =>
    gzipped(
      contextWith(
        `FROM scratch\n${range(100, (i) => `COPY ${range(20, (j) => `l249/${i * 20 + j}`).join(" ")} /d/\n`).join("")}`,
        member({ path: "real", type: "dir", mode: 0o755 }),
        ...range(250, (i) => symlink(`l${i}`, i === 0 ? "real" : `l${i - 1}`)),
      ),
    ),
  ),
  "symlink loops": building(400, () =>
    contextWith("FROM scratch\nCOPY a/b/c /\n", symlink("a", "b"), symlink("b", "a")),
  ),
  "hard links: 20,000 of one file": building(200, () =>
    gzipped(contextWith(everything, ...range(20_000, (i) => hardlink(`h${i}`, "Dockerfile")))),
  ),
  "hard links: a chain of 20,000": building(200, () =>
    gzipped(
      contextWith(
        everything,
        ...range(20_000, (i) => hardlink(`h${i}`, i === 0 ? "Dockerfile" : `h${i - 1}`)),
      ),
    ),
  ),
  "headers that are no headers": building(400, () =>
    concat([small.subarray(0, 1024), repeated(rawHeader({ checksum: "000000\0 " }), 10_000)]),
  ),
  "archives within the context": building(200, () => {
    const inner = archive(...range(1000, (i) => member({ path: `${i}` })));
    const nested = range(50, (i) => member({ path: `a${i}.tar` }, inner));
    return contextWith(`FROM scratch\n${range(50, (i) => `ADD a${i}.tar /d${i}\n`).join("")}`, ...nested);
  }),
  "archives within the context, of 100,000 empty gzip members": building(200, () =>
    contextWith(
      "FROM scratch\nADD a.tar.gz /\n",
      member({ path: "a.tar.gz" }, concat([repeated(gzipSync(""), 100_000), gzipSync(small)])),
    ),
  ),
  "PAX records of files that ADD unpacks": building(200, () =>
    contextWith(
      "FROM scratch\nADD a.tar /\n",
      member({ path: "a.tar" }, archive(pax(records(80_000, (i) => `a${i}`)), member({ path: "f" }))),
    ),
  ),
  "PAX records of one byte": building(400, () =>
    archive(rawMember({ name: "x", type: "x" }, repeated(Buffer.from("0 "), 400_000)), member({ path: "f" })),
  ),
  "PAX records of a path that is replaced again and again": building(200, () =>
    archive(
      rawMember(
        { name: "x", type: "x" },
        writePax(range(20_000, (i): [string, string] => ["path", `f${i}`])),
      ),
      member({ path: "f" }),
      member({ path: "Dockerfile" }, scratch),
    ),
  ),
};
