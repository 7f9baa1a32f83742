// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles expand these, not JavaScript.
import { createHash } from "node:crypto";
import type { Member } from "../archive/member.ts";
import { bindsLowPorts, dir, file, hardlink, symlink } from "../bases/image.ts";
import type { Case, Compression } from "../case.ts";
import { freshDir, merged, ownersOfArchive } from "../newer.ts";

const members: Member[] = [
  dir("app", { mode: 0o750, uid: 10, gid: 20 }),
  file("app/run", "run\n", { mode: 0o4755, uid: 10, gid: 20 }),
  hardlink("app/run-too", "app/run", { mode: 0o4755, uid: 10, gid: 20 }),
  symlink("app/current", "run"),
  file("implied/parent/file.txt", "i\n", { mode: 0o600, uid: 30, gid: 40 }),
  file("top.txt", "t\n"),
];

const archivePaths = ["app", "app/current", "app/run", "app/run-too", "implied/parent/file.txt", "top.txt"];

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

function unpacked(name: string, compression?: Compression): Case {
  const archive = compression === undefined ? { tar: members } : { tar: members, compression };
  return {
    name: `add-tar-${name}`,
    because: "an archive is detected by its content, not by its name",
    dockerfile: "FROM scratch\nADD archive /x/\n",
    context: { archive },
  };
}

/** ADD: archives unpacked, URLs fetched, and otherwise like COPY. */
export const addCases: Case[] = [
  { name: "add-file", dockerfile: "FROM scratch\nADD f /x/\nADD f /y\n", context: { f: "f\n" } },
  {
    name: "add-dir",
    dockerfile: "FROM scratch\nADD d /x\nADD d f /y/\n",
    context: { f: "f\n", "d/g": "g\n", "d/archive.tar": { tar: members } },
  },
  {
    name: "add-glob",
    dockerfile: "FROM scratch\nADD *.txt /x/\n",
    context: { "a.txt": "a\n", "b.txt": "b\n" },
  },
  unpacked("plain"),
  unpacked("gzip", "gzip"),
  unpacked("bzip2", "bzip2"),
  unpacked("xz", "xz"),
  unpacked("zstd", "zstd"),
  {
    name: "add-tar-to-root",
    dockerfile: "FROM varve/busybox:1\nADD rootfs.tar /\n",
    context: { "rootfs.tar": { tar: members } },
  },
  {
    name: "add-tar-without-slash",
    dockerfile: "FROM scratch\nADD a.tar /x\n",
    context: { "a.tar": { tar: members } },
  },
  {
    name: "add-tar-by-glob",
    dockerfile: "FROM scratch\nADD *.tar f.txt /x/\n",
    context: {
      "1.tar": { tar: [file("one", "1\n")] },
      "2.tar": { tar: [file("two", "2\n")] },
      "f.txt": "f\n",
    },
  },
  {
    name: "add-tar-by-symlink",
    dockerfile: "FROM scratch\nADD link /x/\n",
    context: { link: { symlink: "a.tar" }, "a.tar": { tar: members } },
  },
  {
    name: "add-tar-over-existing",
    because: "an entry of the archive gives an existing directory its mode and owner",
    dockerfile: "FROM varve/busybox:1\nADD a.tar /\n",
    context: {
      "a.tar": {
        tar: [
          dir("home/app", { mode: 0o700, uid: 7, gid: 8 }),
          file("home/app/.profile", "new\n", { uid: 7, gid: 8 }),
          dir("srv", { mode: 0o711 }),
          file("srv/shared/notes.txt", "new\n"),
        ],
      },
    },
  },
  {
    name: "add-tar-through-links",
    dockerfile: "FROM varve/busybox:1\nADD a.tar /\n",
    context: { "a.tar": { tar: [file("bin/tool", "t\n", { mode: 0o755 }), file("lib/x/y", "y\n")] } },
  },
  {
    name: "add-tar-replaces-types",
    dockerfile: "FROM varve/layered:1\nADD a.tar /\n",
    context: {
      "a.tar": {
        tar: [
          file("data", "a file now\n"),
          dir("becomes-file"),
          file("becomes-file/x", "x\n"),
          symlink("twin-a", "twin-b"),
        ],
      },
    },
  },
  {
    name: "add-tar-names-are-clamped",
    dockerfile: "FROM scratch\nADD a.tar /x/\n",
    context: { "a.tar": { tar: [file("../../up", "u\n"), file("/abs", "a\n"), file("./dot/./f", "d\n")] } },
  },
  {
    name: "add-tar-long-names",
    dockerfile: "FROM scratch\nADD a.tar /x/\n",
    context: { "a.tar": { tar: [file(`${"long-directory/".repeat(12)}größe`, "l\n")] } },
  },
  {
    name: "add-tar-chmod-is-ignored",
    dockerfile: "FROM varve/busybox:1\nADD --chmod=600 a.tar /srv/\n",
    context: { "a.tar": { tar: members } },
  },
  {
    name: "add-tar-chown",
    newer: [
      ownersOfArchive(
        archivePaths.map((path) => `x/${path}`),
        [5, 6],
      ),
    ],
    dockerfile: "FROM scratch\nADD --chown=5:6 a.tar /x/\n",
    context: { "a.tar": { tar: members } },
  },
  {
    name: "add-tar-capabilities",
    dockerfile: "FROM scratch\nADD a.tar /x/\n",
    context: { "a.tar": { tar: [file("server", "s\n", { mode: 0o755, xattrs: bindsLowPorts })] } },
  },
  {
    name: "add-tar-hardlink-with-other-mode",
    because: "the metadata of the later member applies to both names",
    dockerfile: "FROM scratch\nADD a.tar /x/\n",
    context: {
      "a.tar": {
        tar: [file("f", "f\n", { mode: 0o755, uid: 1 }), hardlink("g", "f", { mode: 0o600, uid: 2 })],
      },
    },
  },
  {
    name: "add-tar-empty-is-copied",
    dockerfile: "FROM scratch\nADD empty.tar /x/\n",
    context: { "empty.tar": { tar: [] } },
  },
  {
    name: "add-gzip-of-text-is-copied",
    dockerfile: "FROM scratch\nADD f.gz /x/\n",
    context: { "f.gz": { content: Buffer.from("H4sIAAAAAAAAA0vjAgDAN6uSAgAAAA==", "base64") } },
  },
  {
    name: "add-zip-is-copied",
    dockerfile: "FROM scratch\nADD f.zip /x/\n",
    context: { "f.zip": { content: Buffer.from("PK\u0005\u0006".padEnd(22, "\0")) } },
  },
  {
    name: "add-name-of-archive-but-text",
    dockerfile: "FROM scratch\nADD fake.tar.gz /x/\n",
    context: { "fake.tar.gz": "not an archive\n" },
  },
  {
    name: "add-copy-does-not-unpack",
    dockerfile: "FROM scratch\nCOPY a.tar /x/\n",
    context: { "a.tar": { tar: members } },
  },
  { name: "add-url-to-dir", dockerfile: "FROM scratch\nADD {{http}}/hello.txt /x/\n" },
  {
    name: "add-url-to-name",
    dockerfile: "FROM scratch\nADD {{http}}/hello.txt /x/renamed\nADD {{http}}/undated.txt /y\n",
  },
  { name: "add-url-name-is-decoded", dockerfile: "FROM scratch\nADD {{http}}/dir/named%20file.txt /x/\n" },
  {
    name: "add-url-query-is-not-name",
    dockerfile: "FROM scratch\nADD {{http}}/download?file=tool.bin /x/\n",
  },
  { name: "add-url-disposition-is-ignored", dockerfile: "FROM scratch\nADD {{http}}/attachment /x/\n" },
  { name: "add-url-without-name", dockerfile: "FROM scratch\nADD {{http}}/ /x/\n" },
  { name: "add-url-redirected", dockerfile: "FROM scratch\nADD {{http}}/moved.txt /x/\n" },
  { name: "add-url-archive-is-not-unpacked", dockerfile: "FROM scratch\nADD {{http}}/app.tar.gz /x/\n" },
  {
    name: "add-url-chown-chmod",
    dockerfile: "FROM scratch\nADD --chown=1:2 --chmod=755 {{http}}/hello.txt /x\n",
  },
  {
    name: "add-url-and-file",
    dockerfile: "FROM scratch\nADD f {{http}}/hello.txt /x/\n",
    context: { f: "f\n" },
  },
  { name: "add-url-variable", dockerfile: "FROM scratch\nARG FILE=hello\nADD {{http}}/${FILE}.txt /x/\n" },
  {
    name: "add-url-checksum",
    dockerfile: `FROM scratch\nADD --checksum=sha256:${sha256("hello over http\n")} {{http}}/hello.txt /x/\n`,
  },
  {
    name: "add-url-checksum-wrong",
    dockerfile: `FROM scratch\nADD --checksum=sha256:${sha256("other")} {{http}}/hello.txt /x/\n`,
    fails: [sha256("other"), sha256("hello over http\n")],
  },
  { name: "add-url-missing", dockerfile: "FROM scratch\nADD {{http}}/none.txt /x/\n", fails: ["404"] },
  { name: "add-git", dockerfile: "FROM scratch\nADD {{http}}/repo.git /x/\n" },
  { name: "add-git-tag", dockerfile: "FROM scratch\nADD {{http}}/repo.git#v1 /x\n" },
  { name: "add-git-subdir", dockerfile: "FROM scratch\nADD {{http}}/repo.git#v2:sub /x/\n" },
  {
    name: "add-git-chown",
    dockerfile: "FROM varve/busybox:1\nADD --chown=app:staff {{http}}/repo.git#master:sub /srv/\n",
  },
  {
    name: "add-git-missing-ref",
    dockerfile: "FROM scratch\nADD {{http}}/repo.git#no-such-tag /x/\n",
    fails: ["no-such-tag"],
  },
  {
    name: "add-link",
    newer: [merged({ moved: { "usr/bin/tool": "bin/tool" }, rootfs: { bin: freshDir } })],
    dockerfile: "FROM varve/busybox:1\nADD --link f /bin/tool\nADD --link a.tar /opt/\n",
    context: { f: "f\n", "a.tar": { tar: members } },
  },
];
