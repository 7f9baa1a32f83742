import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Member } from "../archive/member.ts";
import { amd64, type BaseImage, bindsLowPorts, dir, file, PATH, symlink } from "./image.ts";

export const passwd = `root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/bin/false
app:x:1000:1001:App,,,:/home/app:/bin/sh
www-data:x:33:33:www-data:/var/www:/bin/false
4242:x:77:78:a name that looks like a number:/:/bin/false
nobody:x:65534:65534:nobody:/nonexistent:/bin/false
`;

export const group = `root:x:0:
daemon:x:1:
staff:x:50:app
app:x:1001:
www-data:x:33:
4242:x:79:
nogroup:x:65534:
`;

/** Paths of Debian's busybox-static. The records never contain its bytes. */
const installed = ["/usr/bin/busybox", "/bin/busybox"];

interface Busybox {
  binary: Uint8Array;
  applets: string[];
}

/**
 * The busybox of this machine, or else a stand-in that cannot run. The records are the same with both, because COPY and
 * ADD run nothing.
 */
export function findBusybox(): Busybox {
  for (const path of installed) {
    try {
      const applets = execFileSync(path, ["--list"], { encoding: "utf8" }).trim().split("\n");
      return { binary: readFileSync(path), applets };
    } catch {
      // It is not installed there.
    }
  }
  return { binary: new TextEncoder().encode("stands for busybox\n"), applets: ["cat", "ls", "sh"] };
}

/** A small system in the merged-usr layout: `/bin` and `/sbin` are links, as in Debian, Fedora and Arch. */
export function busyboxImage({ binary, applets }: Busybox): BaseImage {
  const links: Member[] = applets
    .filter((applet) => applet !== "busybox")
    .map((applet) => symlink(`usr/bin/${applet}`, "busybox"));
  return {
    name: "varve/busybox:1",
    platform: amd64,
    config: { Env: [PATH], Cmd: ["sh"] },
    layers: [
      {
        createdBy: "ADD busybox.tar / # buildkit",
        members: [
          symlink("bin", "usr/bin"),
          dir("etc"),
          file("etc/group", group),
          file("etc/hostname", "base\n"),
          file("etc/passwd", passwd),
          file("etc/shadow", "root:*:::::::\n", { mode: 0o640, gid: 42 }),
          dir("home"),
          dir("home/app", { mode: 0o750, uid: 1000, gid: 1001 }),
          file("home/app/.profile", "umask 027\n", { uid: 1000, gid: 1001 }),
          symlink("lib", "usr/lib"),
          dir("root", { mode: 0o700 }),
          symlink("sbin", "usr/sbin"),
          dir("srv"),
          dir("srv/shared", { mode: 0o2775, gid: 50 }),
          file("srv/shared/notes.txt", "shared\n", { mode: 0o664, gid: 50 }),
          dir("tmp", { mode: 0o1777 }),
          dir("usr"),
          dir("usr/bin"),
          file("usr/bin/busybox", binary, { mode: 0o755 }),
          ...links,
          dir("usr/lib"),
          file("usr/lib/libmodel.so.1.2", "elf\n"),
          symlink("usr/lib/libmodel.so.1", "libmodel.so.1.2"),
          symlink("usr/lib/libmodel.so", "libmodel.so.1"),
          dir("usr/local"),
          dir("usr/local/bin"),
          file("usr/local/bin/lowport", "#!/bin/sh\n", { mode: 0o755, xattrs: bindsLowPorts }),
          dir("usr/sbin"),
          dir("var"),
          dir("var/cache"),
          symlink("var/current", "/srv/shared"),
          symlink("var/dangling", "../opt/not-there-yet"),
          symlink("var/loop", "loop"),
          symlink("var/run", "../run"),
          dir("var/spool"),
          dir("var/www", { uid: 33, gid: 33 }),
          file("var/www/index.html", "<p>base</p>\n", { uid: 33, gid: 33 }),
          dir("run"),
        ],
      },
    ],
    emptyHistory: ['CMD ["sh"]'],
  };
}
