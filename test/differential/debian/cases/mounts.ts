import type { Case, ContextEntry } from "../../case.ts";
import { doc } from "../../cases/dockerfile.ts";
import { onDebian, onTools } from "./dockerfile.ts";

const context: Record<string, ContextEntry> = {
  "src/main.c": '#include <stdio.h>\nint main(void) { return puts("built") < 0; }\n',
  "src/run": { content: "#!/bin/sh\necho run\n", mode: 0o755 },
  "src/link": { symlink: "main.c" },
};

/** Every type of mount, with programs that inspect it in detail. */
export const mountCases: Case[] = [
  {
    name: "mounts-bind-compile",
    dockerfile: onTools(
      "RUN --mount=source=src,target=/src gcc -O1 -static -Wl,--build-id=none -o /built /src/main.c && /built > /out",
    ),
    context,
  },
  {
    name: "mounts-bind-looks",
    dockerfile: onTools(
      "RUN --mount=source=src,target=/src ls -ln /src | awk '{ print $1, $3, $4, $9 }' > /list && /src/run > /out && (touch /src/new) 2>/dev/null || echo refused >> /out",
    ),
    context,
  },
  {
    name: "mounts-bind-read-write",
    dockerfile: onTools(
      "RUN --mount=source=src,target=/src,rw cd /src && gcc -c main.c && rm run && mv link other && ls > /list && cp -a /src /copied",
      "RUN --mount=source=src,target=/src ls /src > /list-later",
    ),
    context,
  },
  {
    name: "mounts-bind-stage",
    dockerfile: doc(
      "FROM debian:tools AS build",
      "RUN mkdir -p /out/bin && cp -a /usr/bin/busybox /out/bin/b && chown -R 7:8 /out && chmod 4711 /out/bin/b",
      "FROM debian:trixie",
      "RUN --mount=from=build,source=/out,target=/mnt/out cp -a /mnt/out /out && stat -c '%a %u %g %n' /mnt/out/bin/b > /seen",
    ),
  },
  {
    name: "mounts-bind-stage-written",
    dockerfile: doc(
      "FROM debian:trixie AS s",
      "RUN mkdir /data && echo 1 > /data/f",
      "FROM debian:trixie",
      "RUN --mount=from=s,source=/data,target=/data,rw echo 2 >> /data/f && cat /data/f > /seen",
      "RUN --mount=from=s,source=/data,target=/data cat /data/f >> /seen",
      "COPY --from=s /data /data",
    ),
  },
  {
    name: "mounts-bind-image",
    dockerfile: onDebian(
      "RUN --mount=from=debian:tools,target=/tools /tools/usr/bin/busybox sha256sum /tools/etc/passwd > /sum && ls /tools | sort > /list",
    ),
  },
  {
    name: "mounts-bind-root-of-stage",
    dockerfile: doc(
      "FROM scratch AS s",
      "COPY src /s",
      "FROM debian:trixie",
      "RUN --mount=from=s,target=/m ls -A /m > /list && cp -a /m/s /s",
    ),
    context,
  },
  {
    name: "mounts-bind-over-program",
    dockerfile: onDebian("RUN --mount=source=src/run,target=/usr/bin/env env > /out", "RUN env true"),
    context,
  },
  {
    name: "mounts-bind-nested",
    dockerfile: onDebian(
      "RUN --mount=type=tmpfs,target=/a --mount=source=src,target=/a/b --mount=type=cache,target=/a/c,id=case-nested --mount=source=src/run,target=/a/d/e find /a | sort > /list",
    ),
    context,
  },
  {
    name: "mounts-bind-target-kept",
    dockerfile: onDebian(
      "RUN --mount=source=src,target=/new/place true",
      "RUN --mount=source=src,target=/new/place touch /new/beside",
      "RUN ls -A /new > /list",
    ),
    context,
  },
  {
    name: "mounts-bind-target-removed",
    dockerfile: onDebian(
      "RUN mkdir -p /here/there",
      "RUN --mount=source=src,target=/here/there rmdir /here/there 2>/dev/null && echo gone > /f || echo stays > /f",
    ),
    context,
  },
  {
    name: "mounts-bind-links-in-target",
    dockerfile: onDebian(
      "RUN --mount=source=src,target=/bin/src ls /usr/bin/src > /list",
      "RUN --mount=source=src,target=/var/run/src ls /run/src >> /list",
    ),
    context,
  },
  {
    name: "mounts-cache-shared",
    dockerfile: onDebian(
      "RUN --mount=type=cache,target=/c,id=case-shared rm -rf /c/* && echo 1 > /c/f && chown 5:6 /c/f",
      "RUN --mount=type=cache,target=/d,id=case-shared cat /d/f > /seen && stat -c '%a %u %g' /d /d/f >> /seen",
    ),
  },
  {
    name: "mounts-cache-private",
    dockerfile: doc(
      "FROM debian:trixie AS a",
      "RUN --mount=type=cache,target=/c,id=case-private,sharing=private ls /c | wc -l > /count && sleep 1",
      "FROM debian:trixie AS b",
      "RUN --mount=type=cache,target=/c,id=case-private,sharing=private ls /c | wc -l > /count && sleep 1",
      "FROM scratch",
      "COPY --from=a /count /a",
      "COPY --from=b /count /b",
    ),
  },
  {
    name: "mounts-cache-locked",
    dockerfile: doc(
      "FROM debian:trixie AS a",
      "RUN --mount=type=cache,target=/c,id=case-locked,sharing=locked rm -f /c/x; test ! -e /c/held && touch /c/held && sleep 1 && rm /c/held && touch /ok",
      "FROM debian:trixie AS b",
      "RUN --mount=type=cache,target=/c,id=case-locked,sharing=locked rm -f /c/x; test ! -e /c/held && touch /c/held && sleep 1 && rm /c/held && touch /ok",
      "FROM scratch",
      "COPY --from=a /ok /a",
      "COPY --from=b /ok /b",
    ),
  },
  {
    name: "mounts-cache-of-user",
    dockerfile: onDebian(
      "RUN useradd -u 1000 app && chmod 777 /srv",
      "USER app",
      "RUN --mount=type=cache,target=/home/app/.cache,id=case-user,uid=1000,gid=1000,mode=0700 stat -c '%a %u %g' /home/app/.cache > /srv/seen && touch /home/app/.cache/x",
    ),
  },
  {
    name: "mounts-cache-seeded",
    dockerfile: doc(
      "FROM debian:trixie AS seed",
      "RUN mkdir -p /seed/d && echo s > /seed/d/f && ln -s f /seed/d/l && chown -R 3:4 /seed && chmod 2750 /seed/d",
      "FROM debian:trixie",
      "RUN --mount=type=cache,target=/c,id=case-seeded,from=seed,source=/seed cd /c && find . -printf '%p %m %U %G %l\\n' | sort > /seen",
    ),
  },
  {
    name: "mounts-cache-leaves-nothing",
    dockerfile: onDebian(
      "RUN --mount=type=cache,target=/root/.cache/tool,id=case-trace touch /root/.cache/tool/x",
      "RUN ls -A /root > /list",
    ),
  },
  {
    name: "mounts-tmpfs",
    dockerfile: onDebian(
      "RUN --mount=type=tmpfs,target=/t,size=8m stat -c '%a %u %g' /t > /seen && df -k /t | tail -1 | awk '{ print $2 }' >> /seen && grep ' /t ' /proc/mounts | grep -o -E 'nosuid|noexec|nodev|ro|rw' | sort >> /seen",
    ),
  },
  {
    name: "mounts-tmpfs-over-files",
    dockerfile: onDebian(
      "RUN --mount=type=tmpfs,target=/usr/share/doc ls -A /usr/share/doc | wc -l > /seen && touch /usr/share/doc/x",
      "RUN --mount=type=tmpfs,target=/var/log --mount=type=tmpfs,target=/tmp stat -c '%a %n' /tmp /var/log > /seen2",
    ),
  },
  {
    name: "mounts-secret-file",
    dockerfile: onDebian(
      "RUN --mount=type=secret,id=token sha256sum /run/secrets/token > /sum && stat -c '%a %u %g %s' /run/secrets/token >> /sum",
      "RUN ls -A /run > /list",
    ),
    secrets: { token: "very secret\n" },
  },
  {
    name: "mounts-secret-target",
    dockerfile: onDebian(
      "RUN useradd -u 1000 app",
      "USER app",
      "RUN --mount=type=secret,id=token,target=/home/app/.token,uid=1000,gid=50,mode=0400 cat /home/app/.token | sha256sum > /tmp/sum && stat -c '%a %u %g' /home/app/.token >> /tmp/sum",
      "RUN ls -A /home > /tmp/list",
    ),
    secrets: { token: "very secret\n" },
  },
  {
    name: "mounts-secret-binary",
    dockerfile: onTools(
      "RUN --mount=type=secret,id=key,target=/etc/key sha256sum /etc/key > /sum && (echo x > /etc/key) 2>/dev/null || echo refused >> /sum",
    ),
    secrets: { key: "line\r\nend without newline" },
  },
  {
    name: "mounts-secret-in-workdir",
    dockerfile: onDebian(
      "WORKDIR /app",
      "RUN --mount=type=secret,id=npmrc,target=.npmrc wc -c .npmrc > seen",
    ),
    secrets: { npmrc: "//x:_authToken=1\n" },
  },
  {
    name: "mounts-secret-required",
    dockerfile: onDebian("RUN --mount=type=secret,id=absent,required=true true"),
    fails: ["secret absent: not found"],
  },
  {
    name: "mounts-secret-two",
    dockerfile: onDebian(
      "RUN --mount=type=secret,id=a --mount=type=secret,id=b cat /run/secrets/* | sha256sum > /sum",
    ),
    secrets: { a: "1", b: "2" },
  },
];
