// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles expand these, not JavaScript.
import { hardlink } from "../bases/image.ts";
import type { Case, ContextEntry } from "../case.ts";
import { chmodOfParents } from "../newer.ts";

const modes: Record<string, ContextEntry> = {
  "m/plain": "plain\n",
  "m/run": { content: "#!/bin/sh\n", mode: 0o755 },
  "m/secret": { content: "s\n", mode: 0o400 },
  "m/setuid": { content: "u\n", mode: 0o4755 },
  "m/setgid": { content: "g\n", mode: 0o2755 },
  "m/none": { content: "n\n", mode: 0o000 },
  "m/sticky": { dir: true, mode: 0o1777 },
  "m/sticky/f": "f\n",
  "m/shared": { dir: true, mode: 0o2775 },
  "m/shared/f": "f\n",
};
const d: Record<string, ContextEntry> = {
  f: "f\n",
  x: { content: "x\n", mode: 0o755 },
  "d/f": "f\n",
  "d/sub": { dir: true, mode: 0o750 },
  "d/sub/g": { content: "g\n", mode: 0o600 },
  "d/link": { symlink: "f" },
};

/** Modes, owners, links and extended attributes. */
export const metadataCases: Case[] = [
  { name: "mode-setuid-setgid-sticky", dockerfile: "FROM scratch\nCOPY m /x\n", context: modes },
  {
    name: "mode-single-files",
    dockerfile: "FROM scratch\nCOPY m/setuid m/secret m/run /x/\n",
    context: modes,
  },
  {
    name: "mode-inherited-setgid",
    because: "the file system gives new entries of a setgid directory its group",
    dockerfile:
      "FROM varve/busybox:1\nCOPY m/plain /srv/shared/new/deep/\nCOPY m /srv/shared/m\nWORKDIR /srv/shared/work/dir\n",
    context: modes,
  },
  {
    name: "mode-inherited-setgid-and-chown",
    because: "the group is the requested one, and the bit stays",
    dockerfile:
      "FROM varve/busybox:1\nCOPY --chown=7:8 m/plain /srv/shared/new/deep/\nUSER app\nWORKDIR /srv/shared/work\n",
    context: modes,
  },
  {
    name: "mode-survives-stages",
    dockerfile: "FROM scratch AS a\nCOPY m /x\nFROM scratch\nCOPY --from=a /x /y\n",
    context: modes,
  },
  {
    name: "hardlinks-in-copied-dir",
    dockerfile: "FROM scratch\nCOPY d /x\n",
    context: { "d/one": "same\n", "d/sub/two": { hardlink: "d/one" }, "d/zhree": { hardlink: "d/one" } },
  },
  {
    name: "hardlinks-in-two-instructions",
    dockerfile: "FROM scratch\nCOPY d/one /x/\nCOPY d/two /x/\n",
    context: { "d/one": "same\n", "d/two": { hardlink: "d/one" } },
  },
  {
    name: "hardlinks-in-two-sources",
    dockerfile: "FROM scratch\nCOPY d/one d/two /x/\n",
    context: { "d/one": "same\n", "d/two": { hardlink: "d/one" } },
  },
  {
    name: "hardlinks-from-stage",
    dockerfile: "FROM varve/layered:1 AS a\nFROM scratch\nCOPY --from=a / /x/\n",
  },
  {
    name: "hardlinks-from-image",
    dockerfile: "FROM scratch\nCOPY --from=varve/layered:1 /twin-a /twin-b /x/\n",
  },
  {
    name: "hardlinks-without-the-first-name",
    because: "a later layer removes the name that the others are links to",
    dockerfile: [
      "FROM varve/busybox:1 AS a",
      "RUN mkdir /d && echo same > /d/a && ln /d/a /d/b && ln /d/a /d/c",
      "RUN rm /d/a",
      "FROM scratch",
      "COPY --from=a /d /d",
      "",
    ].join("\n"),
  },
  {
    name: "hardlinks-with-another-first-name",
    dockerfile: [
      "FROM varve/busybox:1 AS a",
      "RUN mkdir /d && echo same > /d/a && ln /d/a /d/b && ln /d/a /d/c",
      "RUN rm /d/a && echo other > /d/a",
      "FROM scratch",
      "COPY --from=a /d /d",
      "",
    ].join("\n"),
  },
  {
    name: "hardlinks-in-a-bound-context",
    dockerfile: "FROM varve/busybox:1\nRUN --mount=type=bind,target=/m stat -c '%n %h' /m/d/* > /links\n",
    context: { "d/one": "same\n", "d/two": { hardlink: "d/one" }, "d/zhree": { hardlink: "d/one" } },
  },
  {
    name: "hardlinks-over-an-equal-file",
    because: "the second COPY writes an existing file again, with a new hard link to it",
    dockerfile: "FROM varve/busybox:1\nCOPY d/one /x/\nCOPY d /x/\nRUN stat -c '%n %h' /x/* > /links\n",
    context: { "d/one": "same\n", "d/two": { hardlink: "d/one" } },
  },
  {
    name: "hardlinks-broken-by-the-first-name",
    dockerfile: "FROM varve/busybox:1\nCOPY d /x/\nCOPY d/one /x/\nRUN stat -c '%n %h' /x/* > /links\n",
    context: { "d/one": "same\n", "d/two": { hardlink: "d/one" } },
  },
  {
    name: "hardlinks-broken-by-the-last-name",
    dockerfile: "FROM scratch\nCOPY d /x/\nCOPY d/two /x/\n",
    context: { "d/one": "same\n", "d/two": { hardlink: "d/one" } },
  },
  {
    name: "hardlinks-broken-for-two-of-three",
    dockerfile: "FROM scratch\nCOPY d /x/\nCOPY e /x/\n",
    context: {
      "d/one": "same\n",
      "d/two": { hardlink: "d/one" },
      "d/zhree": { hardlink: "d/one" },
      "e/one": { hardlink: "d/one" },
      "e/two": { hardlink: "d/one" },
    },
  },
  {
    name: "hardlinks-copied-again",
    dockerfile: "FROM scratch\nCOPY d /x/\nCOPY d /x/\nADD d /x/\n",
    context: { "d/one": "same\n", "d/two": { hardlink: "d/one" } },
  },
  {
    name: "hardlinks-from-archive-to-a-lower-layer",
    dockerfile: "FROM scratch\nCOPY one /x/\nADD in.tar /x/\n",
    context: { one: "same\n", "in.tar": { tar: [hardlink("two", "one", { mode: 0o644 })] } },
  },
  {
    name: "hardlinks-from-a-bound-context",
    dockerfile:
      "FROM varve/busybox:1\nCOPY d/one /x/\nRUN --mount=type=bind,target=/m cp -a /m/d /x && cp -a /m/d/* /x/ && ln /x/one /y\n",
    context: { "d/one": "same\n", "d/two": { hardlink: "d/one" } },
  },
  {
    name: "hardlinks-with-chown",
    dockerfile: "FROM scratch\nCOPY --chown=5:6 d /x\n",
    context: { "d/one": "same\n", "d/two": { hardlink: "d/one" } },
  },
  {
    name: "capabilities-of-a-context-file-are-lost",
    because: "files are given to root after their attributes are set, which removes capabilities",
    dockerfile: "FROM scratch\nCOPY server /server\n",
    context: { server: { content: "s\n", mode: 0o755, bindsLowPorts: true } },
  },
  {
    name: "capabilities-from-image",
    dockerfile:
      "FROM scratch\nCOPY --from=varve/busybox:1 /usr/local/bin/lowport /a\nCOPY --from=varve/busybox:1 /usr/local /b\n",
  },
  {
    name: "capabilities-with-chown",
    dockerfile: "FROM scratch\nCOPY --from=varve/busybox:1 --chown=7:8 /usr/local/bin/lowport /a\n",
  },
  {
    name: "fifo-in-dir",
    dockerfile: "FROM scratch\nCOPY d /x\n",
    context: { "d/pipe": { fifo: true, mode: 0o620 }, "d/f": "f\n" },
  },
  {
    name: "owner-of-context-is-root",
    dockerfile: "FROM varve/busybox:1\nUSER app\nWORKDIR /home/app\nCOPY d .\n",
    context: d,
  },
  {
    name: "owner-from-stage-is-kept",
    dockerfile:
      "FROM varve/busybox:1 AS a\nFROM scratch\nCOPY --from=a /home /home\nCOPY --from=a /srv/shared/ /s/\nCOPY --from=a /etc/shadow /x/\n",
  },
  {
    name: "chown-numbers",
    dockerfile: "FROM scratch\nCOPY --chown=1000:2000 d /x/y/z\nCOPY --chown=3:4 f /f\n",
    context: d,
  },
  {
    name: "chown-user-number-only",
    dockerfile: "FROM varve/busybox:1\nCOPY --chown=1000 f /x/\n",
    context: d,
  },
  { name: "chown-user-name-only", dockerfile: "FROM varve/busybox:1\nCOPY --chown=app f /x/\n", context: d },
  { name: "chown-names", dockerfile: "FROM varve/busybox:1\nCOPY --chown=app:staff d /x/\n", context: d },
  {
    name: "chown-name-and-number",
    dockerfile: "FROM varve/busybox:1\nCOPY --chown=app:7 f /a\nCOPY --chown=7:app f /b\n",
    context: d,
  },
  {
    name: "chown-empty-group",
    dockerfile: "FROM varve/busybox:1\nCOPY --chown=app: f /a\nCOPY --chown=1000: f /b\n",
    context: d,
  },
  {
    name: "chown-empty-user",
    dockerfile: "FROM varve/busybox:1\nCOPY --chown=:staff f /a\nCOPY --chown=:5 f /b\n",
    context: d,
  },
  {
    name: "chown-unknown-names-are-root",
    dockerfile:
      "FROM varve/busybox:1\nCOPY --chown=stranger f /a\nCOPY --chown=app:strangers f /b\nCOPY --chown=stranger:strangers f /c\n",
    context: d,
  },
  {
    name: "chown-number-is-never-a-name",
    because: "the base has a user and a group named 4242 with other numbers",
    dockerfile: "FROM varve/busybox:1\nCOPY --chown=4242:4242 f /a\nCOPY --chown=4242 f /b\n",
    context: d,
  },
  {
    name: "chown-root-on-scratch",
    dockerfile: "FROM scratch\nCOPY --chown=root f /a\nCOPY --chown=root:5 f /b\n",
    context: d,
  },
  {
    name: "chown-variable",
    dockerfile: "FROM varve/busybox:1\nARG OWNER=app:staff\nCOPY --chown=$OWNER f /a\n",
    context: d,
  },
  {
    name: "chown-overrides-stage-owner",
    dockerfile:
      "FROM varve/busybox:1 AS a\nFROM varve/busybox:1\nCOPY --from=a --chown=www-data:www-data /home /x\n",
  },
  {
    name: "chown-existing-dirs",
    because: "the top directory keeps its owner, nested ones take the new one",
    dockerfile: "FROM varve/busybox:1\nCOPY --chown=app:app r /srv\nCOPY --chown=app:app r /\n",
    context: { "r/shared/f": "f\n", "r/new/f": "f\n" },
  },
  {
    name: "chown-uses-passwd-of-destination",
    dockerfile:
      "FROM varve/busybox:1 AS a\nFROM varve/static:nonroot\nCOPY --from=a --chown=nonroot:nonroot /etc/hostname /x/\nCOPY --from=a --chown=app:app /etc/hostname /y/\n",
  },
  {
    name: "chown-sees-passwd-copied-before",
    dockerfile: "FROM scratch\nCOPY passwd group /etc/\nCOPY --chown=me:us f /x/\n",
    context: { passwd: "me:x:11:12::/:/bin/sh\n", group: "us:x:13:\n", f: "f\n" },
  },
  {
    name: "chown-passwd-behind-symlink",
    dockerfile: "FROM scratch\nCOPY r /\nCOPY --chown=me:us f /x/\n",
    context: {
      "r/etc": { symlink: "private/etc" },
      "r/private/etc/passwd": "me:x:11:12::/:/bin/sh\n",
      "r/private/etc/group": "us:x:13:\n",
      f: "f\n",
    },
  },
  {
    name: "chown-passwd-with-odd-lines",
    dockerfile:
      "FROM scratch\nCOPY passwd group /etc/\nCOPY --chown=me:us f /a\nCOPY --chown=short f /b\nCOPY --chown=me2 f /c\n",
    context: {
      passwd: "# me:x:1:1::/:\n\n  \nshort:x\nme:x:21:22::/:/bin/sh\nme:x:31:32::/:/bin/sh\nme2:x:41:42\n",
      group: "us:x:23:a,b\nus:x:33:\n",
      f: "f\n",
    },
  },
  {
    name: "chown-largest-number",
    dockerfile: "FROM scratch\nCOPY --chown=2147483647:2147483647 f /a\n",
    context: d,
  },
  {
    name: "chmod-makes-parents",
    newer: [chmodOfParents({ x: "0700", "x/y": "0700", "x/y/d": "0700", z: "0777" })],
    dockerfile: "FROM scratch\nCOPY --chmod=700 d /x/y/d\nCOPY --chmod=1777 f /z/f\n",
    context: d,
  },
  {
    name: "chmod-file",
    dockerfile: "FROM scratch\nCOPY --chmod=600 f /a\nCOPY --chmod=0755 x f /b/\n",
    context: d,
  },
  { name: "chmod-755-dir", dockerfile: "FROM scratch\nCOPY --chmod=755 d /x/y\n", context: d },
  {
    name: "chmod-special-bits",
    dockerfile: "FROM scratch\nCOPY --chmod=4755 x /a\nCOPY --chmod=2711 x /b\n",
    context: d,
  },
  {
    name: "chmod-and-chown",
    dockerfile: "FROM varve/busybox:1\nCOPY --chown=app:staff --chmod=640 f x /srv/\n",
    context: d,
  },
  {
    name: "chmod-existing-parents",
    dockerfile: "FROM varve/busybox:1\nCOPY --chmod=600 d/f d/sub/g /srv/\n",
    context: d,
  },
  {
    name: "chmod-from-stage",
    dockerfile: "FROM scratch AS a\nCOPY d /d\nFROM scratch\nCOPY --from=a --chmod=755 /d/f /f\n",
    context: d,
  },
  {
    name: "long-name-100",
    dockerfile: "FROM scratch\nCOPY . /x/\n",
    context: { [`d/${"n".repeat(100)}`]: "f\n", [`d/${"m".repeat(101)}.txt`]: "f\n" },
  },
  {
    name: "long-path-over-255",
    dockerfile: "FROM scratch\nCOPY deep /x/\n",
    context: { [`deep/${"directory-with-long-name/".repeat(12)}file.txt`]: "f\n" },
  },
  {
    name: "long-name-255",
    dockerfile: "FROM scratch\nCOPY d /x/\n",
    context: { [`d/${"l".repeat(255)}`]: "f\n" },
  },
  {
    name: "long-link-target",
    dockerfile: "FROM scratch\nCOPY d /x/\n",
    context: {
      "d/link": { symlink: `${"very-long-directory/".repeat(9)}target` },
      [`d/${"k".repeat(120)}`]: { symlink: "x" },
    },
  },
  {
    name: "names-not-ascii",
    dockerfile: "FROM scratch\nCOPY d /ziel-größe/\nCOPY 日本 /x/\n",
    context: {
      "d/größe.txt": "ü\n",
      "d/Ελλάδα/α": "α\n",
      "d/emoji-😀": "😀\n",
      "日本/語": "ja\n",
      "d/link-é": { symlink: "größe.txt" },
    },
  },
  {
    name: "names-composed-and-decomposed",
    because: "é as one code point and as two are different names",
    dockerfile: "FROM scratch\nCOPY d /x/\n",
    context: { "d/\u00e9": "one\n", "d/e\u0301": "two\n" },
  },
  {
    name: "names-odd-characters",
    dockerfile: "FROM scratch\nCOPY d /x/\n",
    context: {
      "d/with space": "s\n",
      "d/quote\"'": "q\n",
      "d/back\\slash": "b\n",
      "d/new\nline": "n\n",
      "d/-dash": "d\n",
      "d/$HOME": "h\n",
      "d/#hash": "h\n",
      "d/a:b": "c\n",
      "d/tab\there": "t\n",
    },
  },
  {
    name: "content-binary",
    dockerfile: "FROM scratch\nCOPY bin crlf /x/\n",
    context: { bin: { content: new Uint8Array([0, 255, 10, 13, 0, 26, 128]) }, crlf: "a\r\nb\r\n" },
  },
];
