import type { Case, ContextEntry } from "../case.ts";
import { chmodOfParents, type Newer, ownersOfArchive } from "../newer.ts";

const context: Record<string, ContextEntry> = {
  "a.txt": "a\n",
  "b.txt": { content: "b\n", mode: 0o600 },
  "twin.txt": { hardlink: "a.txt" },
  "d/one": { content: "one\n", mode: 0o755 },
  "d/sub/two": "two\n",
  "d/sub/near": { symlink: "two" },
  "d/away": { symlink: "../a.txt" },
  "d/none": { dir: true, mode: 0o700 },
  "to-file": { symlink: "a.txt" },
  "to-dir": { symlink: "d/sub" },
  "x.tar": {
    tar: [
      { path: "in", type: "dir", mode: 0o750, uid: 3, gid: 4, mtime: 1_400_000_000 },
      {
        path: "in/side",
        type: "file",
        mode: 0o640,
        uid: 3,
        gid: 4,
        mtime: 1_300_000_000,
        content: new TextEncoder().encode("side\n"),
      },
    ],
  },
};

/** What is copied: the instruction with its sources, by name. A stage `s` has the context below `/s`. */
const sources: Record<string, string> = {
  file: "COPY a.txt",
  files: "COPY a.txt b.txt",
  twins: "COPY a.txt twin.txt",
  dir: "COPY d",
  contents: "COPY d/.",
  glob: "COPY *.txt",
  "deep-glob": "COPY d/*",
  "file-link": "COPY to-file",
  "dir-link": "COPY to-dir",
  "empty-dir": "COPY d/none",
  "stage-file": "COPY --from=s /s/a.txt",
  "stage-dir": "COPY --from=s /s/d",
  "stage-glob": "COPY --from=s /s/*.txt",
  "image-dir": "COPY --from=varve/layered:1 /opt",
  "add-file": "ADD b.txt",
  "add-tar": "ADD x.tar",
  "add-url": "ADD {{http}}/hello.txt",
};

/** Destinations by name: new or existing, with and without a slash, below the working directory. */
const destinations: Record<string, string> = {
  new: "/new/dir/",
  srv: "/srv",
  "srv-deep": "/srv/deep/er/",
  dot: ".",
  etc: "./etc/",
};

/** Owners and modes of the copies, by name. */
const rights: Record<string, string> = {
  owner: "--chown=1000:50",
  "owner-by-name": "--chown=app",
  mode: "--chmod=0640",
  both: "--chown=7 --chmod=711",
};

/** Differences of newer BuildKit, by the names of source and destination or right. */
function newerOf(source: string, other: string): Newer[] {
  const mode = { mode: "0640", both: "0711" }[other];
  const ids: Record<string, [number, number]> = {
    owner: [1000, 50],
    "owner-by-name": [1000, 1001],
    both: [7, 7],
  };
  const timed: Record<string, Newer["rootfs"]> = {
    srv: { srv: { mtime: 1_600_000_000 } },
    dot: { "home/app/w": { mtime: "now" } },
  };
  if (source === "add-tar") {
    const owner = ids[other];
    return owner === undefined ? [] : [ownersOfArchive(["new/dir/in", "new/dir/in/side"], owner)];
  }
  if (mode !== undefined) return [chmodOfParents({ new: mode, "new/dir": mode })];
  if (source !== "empty-dir" || timed[other] === undefined) return [];
  const because =
    "layers of BuildKit leave out a directory of which only the time changed; graph drivers do not";
  return [{ because, rootfs: timed[other] }];
}

function copying(name: string, source: string, destination: string, flags = ""): Case {
  const [instruction, ...rest] = source.split(" ");
  const line = [instruction, ...flags.split(" "), ...rest, destination]
    .filter((word) => word !== "")
    .join(" ");
  const stage = source.includes("--from=s ") ? "FROM scratch AS s\nCOPY . /s/\n" : "";
  const dockerfile = `${stage}FROM varve/busybox:1\nWORKDIR /home/app/w\n${line}\n`;
  return { name: `matrix-${name}`, dockerfile, context };
}

/** Each source to each destination, and each source with each way to give rights. */
export const copyMatrix: Case[] = Object.entries(sources).flatMap(([name, source]) => [
  ...Object.entries(destinations).map(([to, destination]) => ({
    ...copying(`${name}-to-${to}`, source, destination),
    newer: newerOf(name, to),
  })),
  ...Object.entries(rights).map(([right, flags]) => ({
    ...copying(`${name}-with-${right}`, source, "/new/dir/", flags),
    newer: newerOf(name, right),
  })),
]);

const trees = ["COPY . /x/", "COPY d /x", "COPY d/ *.txt /x/"];
const ignoreLists = [
  "**/two\n!d\n",
  "d\n!d/sub\n",
  "d\n!d/sub/two\n",
  "*\n!d/**\n",
  "**\n!**/*.txt\n!d/sub\n",
  "d/*\n!d/one\nd/o*\n",
  "d/sub\n!d/sub\nd/sub/near\n",
  "[a-b].txt\n!b*\n",
  "?.txt\n!a.txt\n",
  "**/sub/**\n!**/near\n",
  "d/none\nto-*\n",
  "!d\n**/one\n!**/one\n**/two\n",
];

/** Each list of ignored files with each way to copy the rest. */
export const ignoreMatrix: Case[] = ignoreLists.flatMap((list, number) =>
  trees.map(
    (line, tree): Case => ({
      name: `matrix-ignore-${number + 1}-${tree + 1}`,
      dockerfile: `FROM scratch\n${line}\n`,
      context: { ...context, ".dockerignore": list },
    }),
  ),
);

const commands: Record<string, string> = {
  touch: "touch /srv/new",
  "touch-old": "touch -d '2011-02-03 04:05:06' /srv/old && touch -d '2012-02-03 04:05:06' /srv",
  "copy-archive": "cp -a /w/d /srv/copy",
  "copy-plain": "cp -r /w/d /srv/copy",
  move: "mv /w/d /srv/moved",
  "move-in-place": "mv /w/a.txt /w/c.txt",
  link: "ln /w/a.txt /srv/hard && ln -s /w/a.txt /srv/soft",
  "break-link": "echo more >> /w/twin.txt",
  "replace-dir": "rm -r /w/d && mkdir /w/d && touch /w/d/other",
  "replace-with-file": "rm -r /w/d && echo f > /w/d",
  mode: "chmod 600 /w/a.txt /w/d/one && chmod 1777 /w/d",
  owner: "chown -R 12:34 /w/d",
  "same-bytes": "cat /w/b.txt > /w/n && mv /w/n /w/b.txt",
  remove: "rm /w/a.txt /w/to-dir",
  "remove-and-make": "rm /w/a.txt && echo a > /w/a.txt",
  pack: "cd /w && tar -cf /srv/d.tar d && rm -r d && tar -xf /srv/d.tar && rm /srv/d.tar",
};

/** What a RUN may do to files that were copied before. */
export const runMatrix: Case[] = Object.entries(commands).map(([name, command]) => ({
  name: `matrix-run-${name}`,
  dockerfile: `FROM varve/busybox:1\nCOPY . /w/\nRUN ${command}\n`,
  context,
}));
