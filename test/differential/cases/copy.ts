// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles expand these, not JavaScript.
import type { Case, ContextEntry } from "../case.ts";

const tree: Record<string, ContextEntry> = {
  "a.txt": "a\n",
  "b.txt": "b\n",
  "d/one.txt": "one\n",
  "d/sub/two.txt": "two\n",
  "d/sub/deep/three.txt": "three\n",
  "e/one.txt": "one of e\n",
  "e/four.txt": "four\n",
};

/** The destination of a source, and how it merges with existing entries. */
export const copyDestinationCases: Case[] = [
  { name: "copy-file-to-name", dockerfile: "FROM scratch\nCOPY a.txt /x/renamed.txt\n", context: tree },
  { name: "copy-file-to-slash", dockerfile: "FROM scratch\nCOPY a.txt /x/\n", context: tree },
  { name: "copy-file-to-root", dockerfile: "FROM scratch\nCOPY a.txt /\n", context: tree },
  { name: "copy-file-to-dot", dockerfile: "FROM scratch\nWORKDIR /w\nCOPY a.txt .\n", context: tree },
  {
    name: "copy-file-to-dot-slash-name",
    dockerfile: "FROM scratch\nWORKDIR /w\nCOPY a.txt ./n\n",
    context: tree,
  },
  {
    name: "copy-file-to-parent",
    dockerfile: "FROM scratch\nWORKDIR /w/v\nCOPY a.txt ../up/\n",
    context: tree,
  },
  {
    name: "copy-file-to-existing-dir-without-slash",
    dockerfile: "FROM varve/busybox:1\nCOPY a.txt /srv\n",
    context: tree,
  },
  {
    name: "copy-file-to-missing-dir-with-slash-dot",
    dockerfile: "FROM scratch\nCOPY a.txt /x/y/.\n",
    context: tree,
  },
  { name: "copy-file-source-with-slash", dockerfile: "FROM scratch\nCOPY a.txt/ /x\n", context: tree },
  { name: "copy-files-to-slash", dockerfile: "FROM scratch\nCOPY a.txt b.txt /x/\n", context: tree },
  {
    name: "copy-files-to-name-without-slash",
    because: "the last source replaces the others; only the older builder rejected it",
    dockerfile: "FROM scratch\nCOPY a.txt b.txt /x\n",
    context: tree,
  },
  { name: "copy-same-file-twice", dockerfile: "FROM scratch\nCOPY a.txt a.txt /x/\n", context: tree },
  { name: "copy-dir-to-name", dockerfile: "FROM scratch\nCOPY d /x\n", context: tree },
  { name: "copy-dir-slash-to-slash", dockerfile: "FROM scratch\nCOPY d/ /x/\n", context: tree },
  { name: "copy-dir-dot-to-root", dockerfile: "FROM scratch\nCOPY d/. /\n", context: tree },
  { name: "copy-dirs-flatten", dockerfile: "FROM scratch\nCOPY d e /x/\n", context: tree },
  { name: "copy-dir-and-file", dockerfile: "FROM scratch\nCOPY d a.txt /x/\n", context: tree },
  { name: "copy-context-to-dir", dockerfile: "FROM scratch\nCOPY . /x/\n", context: tree },
  { name: "copy-absolute-source", dockerfile: "FROM scratch\nCOPY /d/sub /x/\n", context: tree },
  {
    name: "copy-source-escape-is-clamped",
    dockerfile: "FROM scratch\nCOPY ../../a.txt /x/\nCOPY d/../b.txt /x/\n",
    context: tree,
  },
  {
    name: "copy-destination-escape-is-clamped",
    dockerfile: "FROM scratch\nCOPY a.txt ../../../x/\nCOPY a.txt /y/../../z\n",
    context: tree,
  },
  {
    name: "copy-merges-into-existing-dir",
    dockerfile: "FROM scratch\nCOPY d /x/\nCOPY e /x/\nCOPY b.txt /x/sub/\n",
    context: tree,
  },
  {
    name: "copy-existing-top-dir-keeps-its-mode",
    dockerfile: "FROM varve/busybox:1\nCOPY d /srv/shared\nCOPY d/sub /home/app/\n",
    context: tree,
  },
  {
    name: "copy-existing-nested-dir-takes-new-mode",
    dockerfile: "FROM varve/busybox:1\nCOPY root /\n",
    context: {
      "root/home/app": { dir: true, mode: 0o711 },
      "root/home/app/new": "new\n",
      "root/srv": { dir: true, mode: 0o700 },
      "root/srv/x": "x\n",
    },
  },
  {
    name: "copy-new-top-dir-is-0755",
    because: "the mode of the source directory is not copied",
    dockerfile: "FROM scratch\nCOPY d /p/q/x\nCOPY d /y/\n",
    context: { d: { dir: true, mode: 0o700 }, "d/inner": { dir: true, mode: 0o711 }, "d/inner/f": "f\n" },
  },
  {
    name: "copy-empty-dir",
    dockerfile: "FROM scratch\nCOPY empty /x/\nCOPY parent /y/\n",
    context: { empty: { dir: true }, "parent/child": { dir: true, mode: 0o750 } },
  },
  { name: "copy-empty-file", dockerfile: "FROM scratch\nCOPY none /none\n", context: { none: "" } },
  {
    name: "copy-file-over-file",
    dockerfile: "FROM varve/busybox:1\nCOPY a.txt /var/www/index.html\n",
    because: "owner and mode are those of the new file",
    context: { "a.txt": { content: "a\n", mode: 0o600 } },
  },
  {
    name: "copy-nested-file-over-symlink",
    because: "inside a copied tree a link in the way of a file is replaced",
    dockerfile: "FROM varve/busybox:1\nCOPY root /\n",
    context: { "root/usr/lib/libmodel.so": "a file now\n" },
  },
  {
    name: "copy-json-form",
    dockerfile: 'FROM scratch\nCOPY ["a b.txt", "c d/", "/x y/"]\n',
    context: { "a b.txt": "s\n", "c d/f": "f\n" },
  },
  { name: "copy-many-levels", dockerfile: "FROM scratch\nCOPY a.txt /1/2/3/4/5/6/7/8/9/\n", context: tree },
  {
    name: "copy-variables-in-paths",
    dockerfile:
      "FROM scratch\nARG SRC=d\nENV DST=/opt/app\nCOPY ${SRC}/sub/two.txt $DST/${SRC}.txt\nCOPY ${SRC:-x}/*.txt ${DST}/\n",
    context: tree,
  },
  {
    name: "copy-context-with-dockerfile-in-folder",
    dockerfilePath: "build/app.Dockerfile",
    dockerfile: "FROM scratch\nCOPY . /x/\n",
    context: { "a.txt": "a\n", "build/note": "n\n" },
  },
  {
    name: "copy-layers-one-per-instruction",
    dockerfile: "FROM scratch\nCOPY a.txt /x/\nCOPY a.txt /x/\nCOPY b.txt /x/a.txt\n",
    context: tree,
  },
];

/** Wildcards in sources. */
export const copyGlobCases: Case[] = [
  { name: "glob-star", dockerfile: "FROM scratch\nCOPY *.txt /x/\n", context: tree },
  { name: "glob-matches-dirs-too", dockerfile: "FROM scratch\nCOPY [de] /x/\n", context: tree },
  { name: "glob-question-mark", dockerfile: "FROM scratch\nCOPY ?.txt /x/\n", context: tree },
  { name: "glob-class-negated", dockerfile: "FROM scratch\nCOPY [^a].txt /x/\n", context: tree },
  { name: "glob-in-the-middle", dockerfile: "FROM scratch\nCOPY */one.txt /x/\n", context: tree },
  {
    name: "glob-double-star-is-one-level",
    dockerfile: "FROM scratch\nCOPY d/**/two.txt /x/\n",
    context: tree,
  },
  {
    name: "glob-double-star-does-not-match-the-level-itself",
    dockerfile: "FROM scratch\nCOPY **/one.txt /x/\nCOPY **/a.txt /y/\n",
    context: tree,
  },
  { name: "glob-star-slash-star", dockerfile: "FROM scratch\nCOPY d/*/* /x/\n", context: tree },
  {
    name: "glob-no-match-is-an-empty-layer",
    dockerfile: "FROM scratch\nCOPY a.txt /\nCOPY *.nothing /x/\n",
    context: tree,
  },
  {
    name: "glob-no-match-below-folder",
    because: "the folder is transferred only when something matches",
    dockerfile: "FROM scratch\nCOPY d/*.none /x/\n",
    context: tree,
    fails: ["/d: no such file or directory"],
  },
  {
    name: "glob-no-match-below-folder-of-another-step",
    dockerfile: "FROM scratch\nCOPY d/one.txt /y/\nCOPY d/*.none /x/\n",
    context: tree,
  },
  {
    name: "glob-brackets-in-name",
    because: "next.js has such names of pages",
    dockerfile: "FROM scratch\nCOPY pages/[id].tsx /x/\n",
    context: { "pages/[id].tsx": "id\n", "pages/index.tsx": "index\n" },
    fails: ["/pages: no such file or directory"],
  },
  {
    name: "glob-brackets-escaped",
    dockerfile: "FROM scratch\nCOPY pages/[[]id].tsx /x/\n",
    context: { "pages/[id].tsx": "id\n", "pages/i.tsx": "i\n" },
  },
  {
    name: "glob-no-match-in-stage",
    dockerfile: "FROM scratch AS a\nCOPY d /d\nFROM scratch\nCOPY --from=a /d/*.none /x/\n",
    context: tree,
  },
  {
    name: "glob-no-match-in-stage-without-folder",
    dockerfile: "FROM scratch AS a\nCOPY d /d\nFROM scratch\nCOPY --from=a /e/*.none /x/\n",
    context: tree,
    fails: ["/e: no such file or directory"],
  },
  {
    name: "glob-optional-file",
    dockerfile: "FROM scratch\nCOPY a.txt package-lock.jso[n] /x/\n",
    context: tree,
  },
  {
    name: "glob-escaped-twice",
    because: "because of the remaining backslash the name is not a pattern, and the backslash stays in it",
    fails: ["star", "not found"],
    dockerfile: "FROM scratch\nCOPY star\\\\*.txt /x/\n",
    context: { "star*.txt": "a star\n", "starfish.txt": "no\n" },
  },
  {
    name: "glob-escaped",
    dockerfile: "FROM scratch\nCOPY [[]id].txt /x/\nCOPY star\\*.txt /y/\n",
    context: { "[id].txt": "brackets\n", "star*.txt": "a star\n", "starfish.txt": "no\n" },
  },
  {
    name: "glob-hidden-files",
    dockerfile: "FROM scratch\nCOPY * /x/\nCOPY .* /y/\n",
    context: { ".hidden": "h\n", shown: "s\n", ".config/rc": "rc\n" },
  },
  {
    name: "glob-and-dir-of-same-name",
    dockerfile: "FROM scratch\nCOPY app* /x/\n",
    context: { app: "file\n", "app.d/conf": "conf\n", "apple/core": "core\n" },
  },
  { name: "glob-to-name-without-slash", dockerfile: "FROM scratch\nCOPY d/one*.txt /x\n", context: tree },
];

/** Symbolic links, in the source and on the way to the destination. */
export const copyLinkCases: Case[] = [
  {
    name: "symlink-source-to-file",
    dockerfile: "FROM scratch\nCOPY link /x/\nCOPY link /y\n",
    context: { link: { symlink: "d/target" }, "d/target": { content: "t\n", mode: 0o755 } },
  },
  {
    name: "symlink-source-to-dir",
    dockerfile: "FROM scratch\nCOPY link /x/\nCOPY link/f /y/\n",
    context: { link: { symlink: "d" }, "d/f": "f\n" },
  },
  {
    name: "symlink-inside-copied-dir-stays",
    dockerfile: "FROM scratch\nCOPY d /x\n",
    context: {
      "d/f": "f\n",
      "d/relative": { symlink: "f" },
      "d/up": { symlink: "../outside" },
      "d/absolute": { symlink: "/etc/passwd" },
      "d/dangling": { symlink: "nowhere" },
      "d/self": { symlink: "self" },
      "d/dir": { symlink: "sub" },
      "d/sub/g": "g\n",
    },
  },
  {
    name: "symlink-source-absolute-is-scoped-to-context",
    dockerfile: "FROM scratch\nCOPY link /x/\n",
    context: { link: { symlink: "/d/f" }, "d/f": "f\n" },
  },
  {
    name: "symlink-source-matched-by-glob-is-followed",
    dockerfile: "FROM scratch\nCOPY l* /x/\n",
    context: { link: { symlink: "f" }, f: "f\n", ldir: { symlink: "d" }, "d/g": "g\n" },
  },
  {
    name: "symlink-chain",
    dockerfile: "FROM scratch\nCOPY one /x/\n",
    context: {
      one: { symlink: "two" },
      two: { symlink: "d/three" },
      "d/three": { symlink: "../f" },
      f: "f\n",
    },
  },
  {
    name: "symlink-destination-dir",
    because: "/bin is a link to usr/bin in every merged-usr system",
    dockerfile: "FROM varve/busybox:1\nCOPY tool /bin/\nCOPY tool /sbin/tool\nCOPY tool /lib/x/tool\n",
    context: { tool: { content: "t\n", mode: 0o755 } },
  },
  {
    name: "symlink-destination-absolute",
    dockerfile: "FROM varve/busybox:1\nCOPY f /var/current/f\nCOPY f /var/current\n",
    context: { f: "f\n" },
  },
  {
    name: "symlink-destination-file-is-written-through",
    dockerfile: "FROM varve/busybox:1\nCOPY f /usr/lib/libmodel.so\n",
    context: { f: "new\n" },
  },
  {
    name: "symlink-destination-dangling",
    because: "the target of the link is created",
    dockerfile: "FROM varve/busybox:1\nCOPY f /var/dangling/\nCOPY f /var/run/f\n",
    context: { f: "f\n" },
  },
  {
    name: "symlink-destination-dangling-file",
    dockerfile: "FROM varve/busybox:1\nCOPY f /var/dangling\n",
    context: { f: "f\n" },
  },
  {
    name: "symlink-destination-with-dotdot",
    dockerfile: "FROM varve/busybox:1\nCOPY f /var/current/../f\n",
    context: { f: "f\n" },
  },
  {
    name: "symlink-destination-escapes-are-clamped",
    dockerfile: "FROM scratch\nCOPY d /\nCOPY f /out/f\n",
    context: { "d/out": { symlink: "../../../elsewhere" }, f: "f\n" },
  },
  {
    name: "symlink-destination-of-whole-dir",
    dockerfile: "FROM varve/busybox:1\nCOPY d /bin\n",
    context: { "d/tool": { content: "t\n", mode: 0o755 }, "d/extra/x": "x\n" },
  },
  {
    name: "symlink-source-hides-behind-dir-of-same-tree",
    dockerfile:
      "FROM scratch AS a\nCOPY d /\nFROM scratch\nCOPY --from=a /current/ /x/\nCOPY --from=a /current /y/\nCOPY --from=a / /z/\n",
    context: { "d/current": { symlink: "releases/2" }, "d/releases/1/f": "1\n", "d/releases/2/f": "2\n" },
  },
  {
    name: "symlink-source-from-image",
    dockerfile:
      "FROM scratch\nCOPY --from=varve/busybox:1 /usr/lib/libmodel.so /x/\nCOPY --from=varve/busybox:1 /lib/ /y/\n",
  },
  {
    name: "symlink-to-workdir",
    dockerfile: "FROM varve/busybox:1\nWORKDIR /var/current\nCOPY f .\nWORKDIR deep\nCOPY f .\n",
    context: { f: "f\n" },
  },
];
