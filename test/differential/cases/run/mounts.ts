import type { Case } from "../../case.ts";
import { doc } from "../dockerfile.ts";
import { context, onBusybox } from "./busybox.ts";

/** Mounts, which are not in the layer. */
export const runMountCases: Case[] = [
  {
    name: "run-mount-context",
    dockerfile: onBusybox("RUN --mount=target=/src ls -R /src > /list && cat /src/d/g > /g"),
    context,
  },
  {
    name: "run-mount-context-part",
    dockerfile: onBusybox("RUN --mount=source=d,target=/src ls -lR /src | awk '{print $1, $9}' > /list"),
    context,
  },
  {
    name: "run-mount-context-file",
    dockerfile: onBusybox("RUN --mount=source=f,target=/etc/mounted cat /etc/mounted > /f"),
    context,
  },
  {
    name: "run-mount-read-only",
    dockerfile: onBusybox("RUN --mount=target=/src echo x > /src/x"),
    context,
    fails: ["exit code: 1"],
  },
  {
    name: "run-mount-writes-are-dropped",
    dockerfile: onBusybox(
      "RUN --mount=target=/src,rw echo x > /src/x && cat /src/x > /f",
      "RUN --mount=target=/src ls /src >> /f",
    ),
    context,
  },
  {
    name: "run-mount-missing",
    dockerfile: onBusybox("RUN --mount=source=nope,target=/x true"),
    context,
    fails: ["/nope", "not found"],
  },
  {
    name: "run-mount-through-link",
    dockerfile: onBusybox("RUN --mount=source=d/to-g,target=/x cat /x > /f"),
    context,
  },
  {
    name: "run-mount-stage",
    dockerfile: doc(
      "FROM varve/busybox:1 AS s",
      "RUN echo made > /made",
      "FROM varve/busybox:1",
      "RUN --mount=from=s,target=/s cp /s/made /copied",
      "RUN --mount=from=s,source=/srv/shared,target=/s ls -l /s | awk '{print $1, $3, $4, $9}' > /list",
    ),
  },
  {
    name: "run-mount-image",
    dockerfile: onBusybox("RUN --mount=from=varve/layered:1,target=/l ls /l /l/data > /list"),
  },
  {
    name: "run-mount-over-files",
    dockerfile: onBusybox("RUN --mount=source=d,target=/srv/shared ls /srv/shared > /list"),
    context,
  },
  {
    name: "run-mount-target-made",
    dockerfile: onBusybox("RUN --mount=source=d,target=/new/deep/target ls /new/deep > /list"),
    context,
  },
  {
    name: "run-mount-target-made-and-used",
    dockerfile: onBusybox("RUN --mount=source=d,target=/new/deep/target echo x > /new/kept"),
    context,
  },
  {
    name: "run-mount-relative-target",
    dockerfile: onBusybox("WORKDIR /w", "RUN --mount=source=d,target=m ls m > list"),
    context,
  },
  {
    name: "run-mount-target-is-link",
    dockerfile: onBusybox("RUN --mount=source=d,target=/var/current ls /srv/shared > /list"),
    context,
  },
  {
    name: "run-mount-tmpfs",
    dockerfile: onBusybox(
      "RUN --mount=type=tmpfs,target=/t echo x > /t/x && ls /t > /f && grep ' /t ' /proc/mounts | cut -d' ' -f1-3 >> /f",
    ),
  },
  {
    name: "run-mount-tmpfs-size",
    dockerfile: onBusybox(
      "RUN --mount=type=tmpfs,target=/t,size=1m head -c 2000000 /dev/zero > /t/x 2>/dev/null || wc -c < /t/x > /f",
    ),
  },
  {
    name: "run-mount-tmpfs-over-files",
    dockerfile: onBusybox("RUN --mount=type=tmpfs,target=/srv ls /srv | wc -l > /f && echo x > /srv/x"),
  },
  {
    name: "run-mount-cache",
    dockerfile: onBusybox(
      "RUN --mount=type=cache,target=/c,id=varve-case-1 rm -f /c/* && echo kept > /c/x",
      "RUN --mount=type=cache,target=/d,id=varve-case-1 cat /d/x > /f && ls -ld /d | cut -c1-10 >> /f",
    ),
  },
  {
    name: "run-mount-cache-owner",
    dockerfile: onBusybox(
      "RUN --mount=type=cache,target=/c,id=varve-case-2,uid=1000,gid=50,mode=0750 stat -c '%a %u %g' /c > /f",
    ),
  },
  {
    name: "run-mount-cache-from",
    dockerfile: doc(
      "FROM varve/busybox:1 AS s",
      "RUN mkdir /seed && echo seed > /seed/s",
      "FROM varve/busybox:1",
      "RUN --mount=type=cache,target=/c,id=varve-case-3,from=s,source=/seed ls /c > /f",
    ),
  },
  {
    name: "run-mount-cache-read-only",
    dockerfile: onBusybox(
      "RUN --mount=type=cache,target=/c,id=varve-case-4,ro sh -c 'echo x > /c/x' 2>/dev/null; echo $? > /f",
    ),
  },
  {
    name: "run-mount-secret-missing",
    dockerfile: onBusybox("RUN --mount=type=secret,id=s ls /run/secrets 2>&1 | wc -l > /f"),
  },
  {
    name: "run-mount-secret-required",
    dockerfile: onBusybox("RUN --mount=type=secret,id=s,required true"),
    fails: ["secret s: not found"],
  },
  { name: "run-mount-ssh-missing", dockerfile: onBusybox("RUN --mount=type=ssh echo $SSH_AUTH_SOCK > /f") },
  {
    name: "run-mount-two-in-one",
    dockerfile: onBusybox(
      "RUN --mount=type=tmpfs,target=/a --mount=source=d,target=/a/b --mount=source=f,target=/a/f ls -R /a > /list",
    ),
    context,
  },
];
