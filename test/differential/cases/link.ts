import type { Case, ContextEntry } from "../case.ts";
import { freshDir, merged } from "../newer.ts";

const context: Record<string, ContextEntry> = {
  f: "f\n",
  "d/g": "g\n",
  "d/sub": { dir: true, mode: 0o750 },
  "d/sub/h": "h\n",
};

/** COPY --link: a layer that does not depend on those below. */
export const linkCases: Case[] = [
  { name: "link-file", dockerfile: "FROM varve/busybox:1\nCOPY --link f /x/\nCOPY --link f /y\n", context },
  { name: "link-dir", dockerfile: "FROM varve/busybox:1\nCOPY --link d /x/\n", context },
  {
    name: "link-replaces-destination-symlink",
    newer: [merged({ moved: { "usr/bin/tool": "bin/tool" }, rootfs: { bin: freshDir } })],
    dockerfile: "FROM varve/busybox:1\nCOPY --link f /bin/tool\n",
    because: "/bin becomes a real directory",
    context,
  },
  {
    name: "link-resets-existing-parents",
    newer: [merged({ rootfs: { "home/app": freshDir, "srv/shared": freshDir } })],
    dockerfile: "FROM varve/busybox:1\nCOPY --link f /home/app/f\nCOPY --link d /srv/shared/\n",
    context,
  },
  {
    name: "link-with-chown-numbers",
    dockerfile: "FROM varve/busybox:1\nCOPY --link --chown=1000:1001 d /x/y/\n",
    context,
  },
  {
    name: "link-with-chmod",
    dockerfile: "FROM varve/busybox:1\nCOPY --link --chmod=755 f /bin/tool\n",
    context,
  },
  {
    name: "link-over-file",
    newer: [merged({ rootfs: { "var/www": freshDir } })],
    dockerfile: "FROM varve/busybox:1\nCOPY --link f /var/www/index.html\n",
    context,
  },
  {
    name: "link-from-stage",
    dockerfile:
      "FROM varve/busybox:1 AS a\nFROM scratch\nCOPY --link --from=a /home /home\nCOPY --link --from=a /etc/passwd /etc/\n",
  },
  { name: "link-false", dockerfile: "FROM varve/busybox:1\nCOPY --link=false f /bin/tool\n", context },
  { name: "link-add-url", dockerfile: "FROM scratch\nADD --link {{http}}/hello.txt /x/\n" },
  {
    name: "link-relative-to-workdir",
    dockerfile: "FROM varve/busybox:1\nWORKDIR /w\nCOPY --link f ./sub/\n",
    context,
  },
];
